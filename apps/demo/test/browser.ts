/** Chromium, and pages of the demonstration in it. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Whether there is no browser to test in. */
export const missing = !existsSync(CHROMIUM)
if (missing)
  console.warn(`${CHROMIUM} is missing: pages are not tested in a browser (apt-get install chromium, or set CHROMIUM)`)

export const startBrowser = () => chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })

/** Waits until what is looked at is as expected. */
export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 })

export interface PageOptions {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  /** Waits for the first translation where it is absent. */
  readonly path?: string
  /** Done before the page is fetched. */
  readonly prepare?: (page: Page) => Promise<unknown>
}

/** Opens the page; what it must not do is a fault, looked at when the test is over. */
export async function openPage(
  browser: Browser,
  address: string,
  { width = 1000, height = 800, dark = false, path = '', prepare }: PageOptions,
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' })
  const faults: string[] = []
  page.on('console', message => faults.push(message.text()))
  page.on('pageerror', error => faults.push(error.message))
  page.on('dialog', dialog => faults.push(dialog.message()))
  page.on('request', request => {
    const url = request.url()
    if (!url.startsWith(address) && !/^(?:data|blob):/u.test(url)) faults.push(url)
  })
  onTestFinished(async () => {
    await page.close()
    expect(faults).toEqual([])
  })
  await prepare?.(page)
  await page.goto(address + path)
  if (path === '') await eventually(() => page.locator('#output').textContent()).not.toBe('')
  return page
}

/** Texts whose contrast with what is behind them is below 4.5 : 1. */
export const POOR_CONTRASTS = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1)
    for (const colour of colours) {
      canvas.fillStyle = colour
      canvas.fillRect(0, 0, 1, 1)
    }
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const poor = []
  for (const each of document.querySelectorAll('h1, h2, h3, p, dt, dd, li, label, legend, .state, .detail, output, textarea, button, select, th, td, a')) {
    if (each.textContent.trim() === '' || each.offsetParent === null || each.className === 'skip') continue
    const grounds = []
    for (let at = each; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor)
    const ground = over(grounds)
    const ink = over([...grounds, getComputedStyle(each).color])
    const [a, b] = [light(ground), light(ink)].sort((x, y) => y - x)
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(each.tagName + ' ' + each.textContent.slice(0, 40) + ' ' + ((a + 0.05) / (b + 0.05)).toFixed(2))
  }
  return poor
})()`
