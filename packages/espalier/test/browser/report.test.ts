import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseStudy } from '../../src/study/configuration.ts'
import { writeReport } from '../../src/study/report.ts'
import { runStudy } from '../../src/study/study.ts'
import { toyConfiguration, toyData, toyPairs } from '../support.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const skip = !existsSync(CHROMIUM)
if (skip)
  console.warn(`${CHROMIUM} is missing: pages are not tested in a browser (apt-get install chromium, or set CHROMIUM)`)

describe.skipIf(skip)('the report in Chromium', () => {
  let browser: Browser
  let report: string
  let directory: string
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    directory = await mkdtemp(join(tmpdir(), 'espalier-'))
    const pairs = toyPairs(20, 3)
    const results = await runStudy({
      data: await toyData(directory, 120),
      out: join(directory, 'study'),
      configuration: toyConfiguration({ model: { layers: 2 }, training: { epochs: 1 } }),
      study: parseStudy({ levels: [0.5, 0.9], retrained: [0.8], sensitivity: { levels: [0.5, 0.9], bleu: false } }, ''),
      tests: [{ name: 'test', sources: pairs.map(p => p.source), references: pairs.map(p => p.target) }],
      threads: 1,
    })
    report = pathToFileURL(await writeReport(join(directory, 'study'), results)).href
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await rm(directory, { recursive: true, force: true })
  })

  /** Opens the report and notes what a self-contained page must not do. */
  async function open(options: { width: number; dark?: boolean }): Promise<{ page: Page; faults: string[] }> {
    const page = await browser.newPage({
      viewport: { width: options.width, height: 800 },
      colorScheme: options.dark ? 'dark' : 'light',
    })
    const faults: string[] = []
    page.on('console', message => faults.push(message.text()))
    page.on('pageerror', error => faults.push(error.message))
    page.on('request', request => {
      if (request.url() !== report && !request.url().startsWith('data:')) faults.push(request.url())
    })
    await page.goto(report)
    return { page, faults }
  }

  it('loads nothing but itself, and every figure is there and named', async () => {
    const { page, faults } = await open({ width: 1100 })
    const figures = page.locator('figure')
    expect(await figures.count()).toBeGreaterThanOrEqual(9)
    for (const figure of await figures.all()) {
      const box = await figure.locator('svg').boundingBox()
      expect(box!.width).toBeGreaterThan(300)
      expect(box!.height).toBeGreaterThan(150)
      expect(await figure.locator('svg').getAttribute('aria-label')).toBeTruthy()
    }
    expect(faults).toEqual([])
  })

  it.each([390, 1100])('does not scroll sideways at a width of %i', async width => {
    const { page } = await open({ width })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  })

  it.each([
    [false, 4.5],
    [true, 4.5],
  ])('has ink that can be told from its ground (dark: %s)', async (dark, wanted) => {
    const { page } = await open({ width: 1100, dark })
    const contrast = (await page.evaluate(`(() => {
      const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(x => x / 255).map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      const axis = document.querySelector('figure svg .role-axis-label text')
      return ratio(light(getComputedStyle(axis).fill), light(getComputedStyle(axis.closest('figure')).backgroundColor))
    })()`)) as number
    expect(contrast).toBeGreaterThan(wanted)
  })
})
