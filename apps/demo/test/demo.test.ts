import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Translator } from '@espalier/runtime'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, missing, openPage, type PageOptions, POOR_CONTRASTS, startBrowser } from './browser.ts'
import { makeModels, type Running, runDemo } from './demo.ts'

describe.skipIf(missing)('the demonstration in Chromium', () => {
  let browser: Browser
  let demo: Running
  let directory: string
  let models: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'espalier-'))
    models = await makeModels(directory)
    demo = await runDemo('--models', models, '--dist', join(directory, 'dist'), '--port', '0')
    expect(demo.address, demo.output).toBeDefined()
    browser = await startBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    demo?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const open = (options: PageOptions = {}) => openPage(browser, demo.address!, options)

  const output = (page: Page) => page.locator('#output')
  const text = (page: Page) => page.getByLabel('English', { exact: true })

  /** Waits until the output is that. */
  const shows = (page: Page, wanted: string) => eventually(() => output(page).textContent()).toBe(wanted)

  /** What the runtime makes of a sentence here. */
  async function translated(file: string, sentence: string): Promise<string> {
    const translator = await Translator.load(await readFile(join(models, file)))
    const [[best]] = await translator.translate([sentence])
    return best.text
  }

  it('translates what is typed, with the chosen model and beside it with every other', async () => {
    const page = await open()
    await text(page).fill('')
    await text(page).pressSequentially('four one seven')
    const [whole, pruned] = [
      await translated('whole.espalier', 'four one seven'),
      await translated('pruned.espalier', 'four one seven'),
    ]
    expect(whole).not.toBe(pruned)
    await shows(page, pruned)
    await page.getByRole('radio', { name: 'whole' }).check()
    await shows(page, whole)
    const rows = page.locator('#comparison .text')
    await rows.first().scrollIntoViewIfNeeded()
    await eventually(() => rows.allTextContents()).toEqual([pruned, whole, ''])
    expect(await page.evaluate('crossOriginIsolated')).toBe(true)
  })

  it('shows attention as a table that adds up, weights as a picture that says what it shows, and files', async () => {
    const page = await open()
    await text(page).fill('one two three')
    const table = page.getByRole('table', { name: 'Attention' })
    await eventually(() => table.getByRole('columnheader').allTextContents()).toEqual([
      'one',
      'two',
      'three',
      'end of sentence',
    ])
    const rows = table.locator('tbody tr')
    expect(await rows.count()).toBeGreaterThan(0)
    for (const row of await rows.all()) {
      const shares = (await row.getByRole('cell').allTextContents()).map(Number)
      expect(Math.abs(shares.reduce((a, b) => a + b, 0) - 100)).toBeLessThanOrEqual(2)
    }
    await page.getByLabel('Matrix').selectOption('softmax.weight')
    await expect.poll(() => page.getByRole('img', { name: 'Softmax over target words' }).count()).toBe(1)
    expect(await page.locator('#weights-text').textContent()).toMatch(/of \d+ weights are left in blocks of 1 × 8/u)
    const facts = page.getByRole('table', { name: 'What pruning did' })
    expect(await facts.getByRole('row', { name: /^pruned/u }).textContent()).toContain('of 4 bytes a weight')
  })

  it('measures speed', async () => {
    const page = await open()
    await eventually(() => output(page).textContent()).not.toBe('')
    await page.getByRole('button', { name: 'Measure' }).click()
    await eventually(() => page.locator('#measured').textContent()).toContain('Target words')
    expect(await page.locator('#facts').textContent()).toContain('one sentence at a time')
  })

  it('takes any text for text', async () => {
    const page = await open()
    const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script> &amp; 😀 שלום one'
    await text(page).fill(hostile)
    await eventually(() => page.locator('#attention').textContent()).toContain('שלום')
    expect(await page.locator('main img:not(canvas), main script').count()).toBe(0)
    await text(page).fill('')
    await shows(page, '')
    // Playwright sends no lone surrogates, so that the page writes it itself.
    await page.evaluate(`text.value = 'one \\ud83d two \\udc00'; text.dispatchEvent(new Event('input'))`)
    await eventually(() => output(page).textContent()).not.toBe('')
  })

  it.each([
    ['sentence', 'one '],
    ['row of sentences', 'One two. '],
  ])('says that the end of too long a %s was left out', async (_, piece) => {
    const page = await open()
    await text(page).fill(piece.repeat(10_000))
    await expect.poll(() => page.locator('#notice').textContent()).toContain('the end was left out')
  })

  it('names the section in which a model is damaged', async () => {
    const page = await open()
    await page.getByRole('radio', { name: 'damaged' }).check()
    await eventually(() => page.locator('#model-error').textContent()).toMatch(
      /damaged: The file is damaged: section \S+\/values: its checksum is wrong/u,
    )
  })

  it('can be used by keyboard', async () => {
    const page = await open()
    const focused = () => page.evaluate('document.activeElement.id || document.activeElement.textContent')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('To the text field')
    await page.keyboard.press('Enter')
    expect(await focused()).toBe('text')
    await page.keyboard.press('Tab')
    const example = (await focused()) as string
    await page.keyboard.press('Tab')
    await page.keyboard.press('Shift+Tab')
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid')
    await page.keyboard.press('Enter')
    expect(await text(page).inputValue()).toBe(example)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('model-0')
    await page.keyboard.press('ArrowDown')
    expect(await page.getByRole('radio', { name: 'whole' }).isChecked()).toBe(true)
  })

  it.each([360, 1000])('does not scroll sideways at a width of %i, whatever is typed', async width => {
    const page = await open({ width })
    await text(page).fill(`${'one '.repeat(30)}${'x'.repeat(300)}`)
    await eventually(() => output(page).textContent()).not.toBe('')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  })

  it.each([false, true])('has ink that can be told from its ground (dark: %s)', async dark => {
    const page = await open({ dark })
    await eventually(() => output(page).textContent()).not.toBe('')
    await eventually(() => page.locator('#attention td').count()).toBeGreaterThan(4)
    const poor = await page.evaluate(POOR_CONTRASTS)
    expect(poor).toEqual([])
    const ground = (await page.evaluate('getComputedStyle(document.body).backgroundColor')) as string
    expect(Number(/\d+/u.exec(ground)?.[0]) < 128).toBe(dark)
  })

  it('has a page of a few lines that translates, too', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'minimal.html' }).click()
    await page.waitForURL('**/minimal.html?*')
    const chosen = new URL(page.url()).searchParams.get('model')?.replace('models/', '')
    expect(chosen).toMatch(/\.espalier$/u)
    const translation = page.locator('#translation')
    await eventually(() => translation.textContent()).toBe('')
    await page.getByLabel('Text').fill('four one seven')
    const wanted = await translated(String(chosen), 'four one seven')
    await eventually(() => translation.textContent()).toBe(wanted)
  })

  it('says of a folder of other models no more than it knows', async () => {
    const page = await open()
    const lede = page.locator('#lede')
    expect(await lede.textContent()).toMatch(
      /^3 English–German translators, the same network with other weights left\. Everything runs/u,
    )
    expect(await page.locator('#facts-note').textContent()).toContain('espalier pack --evaluate DATA')
    expect(await page.locator('#examples').getByRole('button').allTextContents()).toEqual([
      'four one seven',
      'one two three',
    ])
    expect(await page.locator('#live').isVisible()).toBe(false)
  })

  it('marks words that the model does not know, and says which', async () => {
    const page = await open()
    await text(page).fill('one quantum two (laptop).')
    await eventually(() => page.locator('#unknown').textContent()).toContain('“quantum”, “laptop”')
    expect(await page.locator('#text-marks span').allTextContents()).toEqual(
      expect.arrayContaining(['quantum', 'laptop']),
    )
    expect(await page.locator('#text-hint').textContent()).toBe('Knows 7 English words.')
    await text(page).fill('one two')
    await eventually(() => page.locator('#unknown').isVisible()).toBe(false)
  })

  it('fetches models when they are needed', async () => {
    const page = await open({ height: 300 })
    const fetched: string[] = []
    page.on('request', request => fetched.push(request.url().split('/').at(-1)!))
    expect(await page.locator('#state-2').textContent()).toContain('fetched when it is needed')
    await page.getByRole('radio', { name: 'damaged' }).scrollIntoViewIfNeeded()
    await eventually(() => fetched.filter(name => name.endsWith('.espalier'))).toContain('damaged.espalier')
  })

  it('tells what is wrong with a command', async () => {
    const port = new URL(demo.address!).port
    const dist = join(directory, 'dist')
    const taken = await runDemo('--models', models, '--dist', dist, '--no-build', '--port', port)
    expect(taken).toMatchObject({ status: 1, output: expect.stringContaining(`port ${port} is in use`) })
    await mkdir(join(directory, 'empty'))
    const empty = await runDemo('--models', join(directory, 'empty'), '--dist', dist)
    expect(empty).toMatchObject({ status: 1, output: expect.stringContaining('there is no packed model') })
    const foreign = await runDemo('--models', models, '--dist', models)
    expect(foreign).toMatchObject({ status: 1, output: expect.stringContaining('was not built here') })
  })
})
