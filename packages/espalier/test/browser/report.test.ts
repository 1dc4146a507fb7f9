import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseStudy } from '../../src/study/configuration.ts'
import { writeReport } from '../../src/study/report/index.ts'
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
      const box = await figure.locator('.panels').boundingBox()
      expect(box!.width).toBeGreaterThan(300)
      expect(box!.height).toBeGreaterThan(130)
      expect(await figure.locator('.panels').getAttribute('aria-label')).toBeTruthy()
    }
    expect(faults).toEqual([])
  })

  it.each([360, 1100])('does not scroll sideways at a width of %i, and shows every verdict', async width => {
    const { page } = await open({ width })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    for (const verdict of await page.locator('.answers .verdict, .claims .verdict').all()) {
      const box = await verdict.boundingBox()
      expect(box!.x).toBeGreaterThanOrEqual(0)
      expect(box!.x + box!.width).toBeLessThanOrEqual(width)
    }
  })

  it.each([360, 1100])('lays no part of an answer over another at a width of %i', async width => {
    const { page } = await open({ width })
    const answers = await page.locator('.answers li').all()
    expect(answers.length).toBeGreaterThan(5)
    for (const answer of answers) {
      const boxes = await Promise.all((await answer.locator(':scope > *').all()).map(part => part.boundingBox()))
      const overlapping = boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => overlap(a!, b!)))
      expect(overlapping).toEqual([])
    }
  })

  it('has letters in its figures that can be read on a phone', async () => {
    const { page } = await open({ width: 360 })
    const sizes = (await page.evaluate(`[...document.querySelectorAll('figure .panels svg text')].map(text => {
      const svg = text.ownerSVGElement
      return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width
    })`)) as number[]
    expect(sizes.length).toBeGreaterThan(100)
    expect(Math.min(...sizes)).toBeGreaterThan(9.5)
  })

  it.each([
    [360, false],
    [1100, true],
  ])(
    'has no accessibility problem that axe finds (width %i, dark: %s)',
    async (width, dark) => {
      const { page } = await open({ width, dark })
      // Panels are one image each to those whom axe speaks for, and have thousands of nodes inside.
      await page.locator('summary').evaluateAll('summaries => summaries.forEach(summary => summary.click())')
      await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') })
      const found = await page.evaluate(`(async () => {
        const { violations } = await axe.run({ exclude: ['.panels svg'] }, { resultTypes: ['violations'] })
        return violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(' | '))
      })()`)
      expect(found).toEqual([])
    },
    60_000,
  )

  it.each([false, true])('has ink that can be told from its ground (dark: %s)', async dark => {
    const { page } = await open({ width: 1100, dark })
    const contrasts = (await page.evaluate(`(() => {
      const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(x => x / 255).map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      const ground = light(getComputedStyle(document.querySelector('figure')).backgroundColor)
      const against = element => ratio(light(getComputedStyle(element).fill), ground)
      const probe = document.querySelector('.legend path[fill]').cloneNode()
      document.querySelector('.legend svg').append(probe)
      const series = [0, 1, 2, 3, 4, 5, 6, 7].map(i => {
        probe.setAttribute('fill', 'var(--series-' + i + ')')
        return against(probe)
      })
      return { text: against(document.querySelector('figure svg .role-axis-label text')), series }
    })()`)) as { text: number; series: number[] }
    expect(contrasts.text).toBeGreaterThan(4.5)
    expect(Math.min(...contrasts.series)).toBeGreaterThan(3)
  })

  it('gives the numbers of a figure without a server', async () => {
    const { page } = await open({ width: 1100 })
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#figure-retraining .download').click(),
    ])
    expect(download.suggestedFilename()).toBe('retraining.csv')
    const text = await readFile(await download.path(), 'utf8')
    expect(text).toMatch(/^series,fraction,bleu,/u)
    expect(text).toBe(await readFile(join(directory, 'study/figures/retraining.csv'), 'utf8'))
  })

  it('prints what is folded away', async () => {
    const { page } = await open({ width: 800, dark: true })
    const folded = page.locator('details table')
    expect(await folded.isVisible()).toBe(false)
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await folded.isVisible()).toBe(true)
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
  })
})

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Whether two boxes share more than a rounding error. */
const overlap = (a: Box, b: Box) =>
  Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 0.5 &&
  Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 0.5
