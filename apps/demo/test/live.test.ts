import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { phrasebookSplits } from '@espalier/phrasebook'
import { Translator } from '@espalier/runtime'
import { readAnyModel } from 'espalier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, missing, openPage, type PageOptions, POOR_CONTRASTS, startBrowser } from './browser.ts'
import { makePhrasebookModel, type Running, runDemo } from './demo.ts'

describe.skipIf(missing)('pruning and retraining in the page', () => {
  let browser: Browser
  let demo: Running
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'espalier-'))
    const models = await makePhrasebookModel(directory)
    demo = await runDemo('--models', models, '--dist', join(directory, 'dist'), '--port', '0')
    expect(demo.address, demo.output).toBeDefined()
    browser = await startBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    demo?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  /** A page whose model can be pruned. */
  async function open(options: PageOptions = {}): Promise<Page> {
    const page = await openPage(browser, demo.address!, options)
    await eventually(() => page.locator('#meter-bleu .detail').textContent()).toMatch(/^of \d/u)
    return page
  }

  const slider = (page: Page) => page.getByRole('slider', { name: 'Weights to prune' })
  const button = (page: Page) => page.locator('#retrain')
  const meter = (page: Page, name: string) => page.locator(`#meter-${name} .value`)
  const figures = async (page: Page) => (await page.locator('#training-figures').textContent()) ?? ''
  const update = async (page: Page) => Number(/update ([\d,]+)/u.exec(await figures(page))?.[1].replace(',', '') ?? 0)

  /** Prunes, and waits until that was measured. */
  async function prune(page: Page, percent: number): Promise<void> {
    await slider(page).fill(String(percent))
    await eventually(() => page.locator('#by').textContent()).toContain(`${percent}\u00a0% pruned`)
    await eventually(() => page.locator('#meters').getAttribute('aria-busy')).toBe('false')
    await eventually(() => page.locator('#meter-bleu .detail').textContent()).toMatch(/^of \d/u)
  }

  it('prunes to any fraction by any scheme, and shows the translation, the classes and the size', async () => {
    const page = await open()
    const whole = await meter(page, 'weights').textContent()
    await prune(page, 75)
    const weights = Number(whole!.replaceAll(',', ''))
    expect(await meter(page, 'weights').textContent()).toBe((weights / 4).toLocaleString('en'))
    expect(await page.locator('#class-shares li').count()).toBeGreaterThan(4)
    await page.getByRole('radio', { name: 'the same share of each class' }).check()
    await eventually(() => page.locator('#class-shares').textContent()).toMatch(/^(?:[a-z0-9 ]+25\u00a0%)+$/u)
    expect(await page.getByRole('radio', { name: 'Yours' }).isChecked()).toBe(true)
    await eventually(() => page.locator('#live-weights-text').textContent()).toContain('75\u00a0%')
    expect(await page.evaluate(POOR_CONTRASTS)).toEqual([])
  })

  it('retrains, pauses, goes on, and hands out the packed model', async () => {
    const page = await open()
    await prune(page, 50)
    await button(page).click()
    await eventually(() => update(page)).toBeGreaterThan(1)
    await button(page).click()
    await eventually(() => button(page).textContent()).toBe('Continue')
    await page.waitForTimeout(300)
    const paused = await figures(page)
    expect(paused).toMatch(/^[\d,]+ words a second · update [\d,]+ of 252 · \d+ s of training · [\d,]+ weights left$/u)
    await page.waitForTimeout(600)
    expect(await figures(page)).toBe(paused)
    await button(page).click()
    await expect.poll(() => button(page).textContent(), { timeout: 60_000 }).toBe('Retrain further')
    expect(await page.locator('#live-error').textContent()).toBe('')
    expect(await page.locator('#bleu-chart circle').count()).toBeGreaterThan(0)
    const losses = await page.locator('#loss-chart .curve').getAttribute('d')
    const heights = [...losses!.matchAll(/ ([\d.]+)/gu)].map(([, y]) => Number(y))
    expect(heights.at(-1)).toBeGreaterThan(heights[0] + 5)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download this model' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('class-blind-50-retrained.espalier')
    const file = join(directory, 'downloaded.espalier')
    await download.saveAs(file)
    const { mask } = await readAnyModel(file)
    expect(mask!.pruned()).toBe(Math.round(0.5 * mask!.total))
    const translator = await Translator.load(await readFile(file))
    const sentence = await page.locator('#text').inputValue()
    const [[best]] = await translator.translate([sentence])
    await eventually(() => page.locator('#output').textContent()).toBe(best.text)
  }, 120_000)

  // The longest takes 25 ms on a quiet machine and three times as much beside other work, so that the limit of 50 ms is for
  // bench/page-retraining.js to hold; what this finds is work that belongs to a worker.
  it('leaves the page its own thread: no task takes long of it', { retry: 2 }, async () => {
    const page = await open({
      prepare: page =>
        browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline', '__metadata'] }),
    })
    await prune(page, 50)
    await prune(page, 90)
    await button(page).click()
    await eventually(() => update(page)).toBeGreaterThan(20)
    const tasks = pageTasks(await browser.stopTracing())
    expect(Math.max(...tasks)).toBeGreaterThan(1)
    expect(tasks.filter(ms => ms > 150)).toEqual([])
  })

  it('is a download of 150 kB at most, retraining included and models left out, and nothing of Node is in it', async () => {
    const fetched = new Set<string>()
    const page = await open({
      prepare: async page => page.context().on('request', request => fetched.add(new URL(request.url()).pathname)),
    })
    await prune(page, 50)
    await button(page).click()
    await eventually(() => update(page)).toBeGreaterThan(0)
    const files = [...fetched]
      .map(path => (path === '/' ? '/index.html' : path))
      .filter(path => !path.startsWith('/models/'))
    for (const name of ['index', 'worker', 'training-worker'])
      expect(
        files.some(file => file.startsWith(`/assets/${name}-`)),
        name,
      ).toBe(true)
    const contents = await Promise.all(files.map(file => readFile(join(directory, 'dist', file))))
    const total = contents.reduce((n, content) => n + gzipSync(content, { level: 9 }).length, 0)
    expect(total).toBeLessThanOrEqual(150_000)
    for (const content of contents)
      expect(String(content)).not.toMatch(/(?:from|import\(?)["'`]node:|browser-external|ZodError/u)
  })

  it('measures BLEU on sentences that are not trained on', () => {
    const { train, test } = phrasebookSplits({ pairs: 2000, seed: 1 })
    const trained = new Set(train.map(({ source }) => source))
    expect(phrasebookSplits({ pairs: 0, seed: 1 }).test).toEqual(test)
    expect(test.filter(({ source }) => trained.has(source))).toEqual([])
  })

  it('stops retraining where the slider is moved meanwhile', async () => {
    const page = await open()
    await prune(page, 50)
    await button(page).click()
    await eventually(() => update(page)).toBeGreaterThan(0)
    await slider(page).focus()
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowRight')
    await eventually(() => page.locator('#by').textContent()).toBe('yours: 56\u00a0% pruned')
    await eventually(() => page.locator('#meter-bleu .detail').textContent()).toMatch(/^of \d/u)
    expect(await button(page).textContent()).toBe('Retrain what is left')
    expect(await page.locator('#retraining').isVisible()).toBe(false)
    await eventually(() => page.workers().filter(worker => worker.url().includes('training')).length).toBe(0)
  })

  it('goes on after the tab was put to sleep', async () => {
    const page = await open()
    await prune(page, 50)
    await button(page).click()
    await eventually(() => update(page)).toBeGreaterThan(0)
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
    await setTimeout(1500)
    await devtools.send('Page.setWebLifecycleState', { state: 'active' })
    await expect.poll(() => button(page).textContent(), { timeout: 60_000 }).toBe('Retrain further')
    expect(await update(page)).toBe(252)
    expect(await page.locator('#live-error').textContent()).toBe('')
  })

  it('is as new, and works, after it was left or closed while it retrained', async () => {
    const page = await open()
    await prune(page, 50)
    await button(page).click()
    await eventually(() => update(page)).toBeGreaterThan(0)
    await page.reload()
    await eventually(() => page.locator('#meter-bleu .detail').textContent()).toMatch(/^of \d/u)
    expect(await page.locator('#retraining').isVisible()).toBe(false)
    expect(page.workers().filter(worker => worker.url().includes('training'))).toEqual([])
    await prune(page, 60)
    await button(page).click()
    await eventually(() => update(page)).toBeGreaterThan(0)
    await page.close()
    const other = await open()
    await prune(other, 50)
    await button(other).click()
    await eventually(() => update(other)).toBeGreaterThan(0)
  })

  it.each([
    [
      'little memory',
      "WebAssembly.Memory = function () { throw new RangeError('could not allocate memory') };",
      'too little memory',
    ],
    ['no WebAssembly', 'delete globalThis.WebAssembly;', 'no WebAssembly with SIMD'],
    ['no script', undefined, 'could not be fetched'],
  ])('says in a sentence what is wrong with %s', async (_, before, sentence) => {
    const prepare = (page: Page) =>
      page.route('**/training-worker*.js', async route => {
        if (before === undefined) return route.abort()
        const response = await route.fetch()
        await route.fulfill({ response, body: before + (await response.text()) })
      })
    const page = await open({ prepare: before === undefined ? undefined : prepare })
    if (before === undefined) await prepare(page)
    await prune(page, 50)
    await button(page).click()
    await eventually(() => page.locator('#live-error').textContent()).toContain(sentence)
    await eventually(() => button(page).textContent()).toBe('Retrain what is left')
    await prune(page, 40)
    await eventually(() => page.locator('#live-error').isVisible()).toBe(false)
  })

  it('does not need the network once it is loaded, but for the script that retrains', async () => {
    const page = await open()
    await page.context().setOffline(true)
    await prune(page, 80)
    await page.locator('#text').fill('The nurse brings in umbrellas.')
    await eventually(() => page.locator('#output-hint').textContent()).toMatch(/words? in/u)
    await page.context().setOffline(false)
  })

  it('can be used by keyboard', async () => {
    const page = await open()
    await page.locator('#text').focus()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).toBe('fraction')
    for (let i = 0; i < 9; i++) await page.keyboard.press('PageUp')
    await eventually(() => slider(page).getAttribute('aria-valuetext')).toMatch(/^\d\d\u00a0% of the weights pruned$/u)
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    expect(await page.locator('input[value=class-uniform]').isChecked()).toBe(true)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await eventually(() => update(page)).toBeGreaterThan(0)
    await page.keyboard.press('Enter')
    await eventually(() => button(page).textContent()).toBe('Continue')
  })

  it('has the text field on the first screen of a phone, and does not scroll sideways', async () => {
    const page = await open({ width: 375, height: 700 })
    const box = await page.locator('#text').boundingBox()
    expect(box!.y + box!.height).toBeLessThan(700)
    await prune(page, 90)
    await button(page).click()
    await eventually(() => update(page)).toBeGreaterThan(0)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375)
  })
})

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds of the processor. */
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

/**
 * Milliseconds that tasks of pages' own threads took of the processor. PerformanceObserver's long tasks count what the machine does
 * meanwhile, too, which in tests is much; bench/page-retraining.js reports them.
 */
function pageTasks(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(String(trace)) as { traceEvents: TraceEvent[] }
  const place = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`
  const own = new Set(traceEvents.filter(({ args }) => args.name === 'CrRendererMain').map(place))
  return traceEvents
    .filter(event => event.name === 'RunTask' && own.has(place(event)))
    .map(({ tdur = 0 }) => tdur / 1000)
}
