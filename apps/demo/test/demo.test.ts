import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Translator } from '@espalier/runtime'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { makeModels, type Running, runDemo } from './demo.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const skip = !existsSync(CHROMIUM)
if (skip)
  console.warn(`${CHROMIUM} is missing: pages are not tested in a browser (apt-get install chromium, or set CHROMIUM)`)

/** Waits until what is looked at is as expected. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 })

describe.skipIf(skip)('the demonstration in Chromium', () => {
  let browser: Browser
  let demo: Running
  let directory: string
  let models: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'espalier-'))
    models = await makeModels(directory)
    demo = await runDemo('--models', models, '--dist', join(directory, 'dist'), '--port', '0')
    expect(demo.address, demo.output).toBeDefined()
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    demo?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  interface Options {
    readonly width?: number
    readonly dark?: boolean
    readonly path?: string
  }

  /** Opens the page; what it must not do is a fault, looked at when the test is over. */
  async function open({ width = 1000, dark = false, path = '' }: Options = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: dark ? 'dark' : 'light' })
    const faults: string[] = []
    page.on('console', message => faults.push(message.text()))
    page.on('pageerror', error => faults.push(error.message))
    page.on('dialog', dialog => faults.push(dialog.message()))
    page.on('request', request => {
      const url = request.url()
      if (!url.startsWith(demo.address!) && !url.startsWith('data:')) faults.push(url)
    })
    onTestFinished(async () => {
      await page.close()
      expect(faults).toEqual([])
    })
    await page.goto(demo.address! + path)
    if (path === '') await eventually(() => page.locator('#output').textContent()).not.toBe('')
    return page
  }

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
    await eventually(() => rows.allTextContents()).toEqual([whole, pruned, ''])
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
    expect(await facts.getByRole('row', { name: /^pruned/u }).textContent()).toContain('of dense f32')
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
    await eventually(() => page.getByRole('alert').first().textContent()).toMatch(
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
    await page.keyboard.press('Shift+Tab')
    expect(await focused()).toBe('model-1')
    await page.keyboard.press('ArrowUp')
    expect(await page.getByRole('radio', { name: 'whole' }).isChecked()).toBe(true)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    const example = (await focused()) as string
    await page.keyboard.press('Tab')
    await page.keyboard.press('Shift+Tab')
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid')
    await page.keyboard.press('Enter')
    expect(await text(page).inputValue()).toBe(example)
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
    const poor = await page.evaluate(CONTRASTS)
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

/** Texts whose contrast with what is behind them is below 4.5 : 1. */
const CONTRASTS = `(() => {
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
  for (const each of document.querySelectorAll('h1, h2, h3, p, label, .state, .detail, output, textarea, button, select, th, td, a')) {
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
