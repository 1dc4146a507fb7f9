/** Parallel text from the pages of LibreOffice's Help, of made-up pages in their form. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alignTexts, isUsable, type Pair, splitDocuments, textsOf } from '../bench/corpora/help-pages.js'
import { repository } from './code-blocks.ts'

const run = promisify(execFile)
const ENGLISH_GERMAN = { source: 'en-US', target: 'de' }

const page = (body: string) => `<!DOCTYPE html>
<html><head><title>Gardens</title></head><body><header id="TopLeftHeader"><p dir="auto">Gardens 1.0 Help</p></header>
<div id="DisplayArea">${body}</div></body></html>`

describe('the texts of a page', () => {
  it('are those of paragraphs and headings that have an id, without marks and line ends', () => {
    const html = page(`
      <h1 id="hd_id2" dir="auto"><a name="prune"></a><a href="prune.html">Pruning a
         Tree</a></h1>
      <p class="embedded">Without an id.</p><div id="box"><p id="par_id1" class="paragraph">Choose <span
      id="switch" class="emph">Tools &amp; Knives</span>.</p></div>`)
    expect([...textsOf(html)]).toEqual([
      ['hd_id2', 'Pruning a Tree'],
      ['par_id1', 'Choose Tools & Knives.'],
    ])
  })

  it('of an id that occurs twice are the last', () => {
    expect([...textsOf(page('<p id="a">one</p><p id="b">two</p><p id="a">three</p>'))]).toEqual([
      ['a', 'three'],
      ['b', 'two'],
    ])
  })
})

describe('pairs', () => {
  it('are what has the same id, in order of ids', () => {
    const source = textsOf(page('<p id="b">a red apple</p><p id="a">a tree</p>'))
    const target = textsOf(page('<p id="a">ein Baum</p><p id="b">ein roter Apfel</p><p id="c">mehr</p>'))
    expect(alignTexts(source, target)).toEqual([
      ['a tree', 'ein Baum'],
      ['a red apple', 'ein roter Apfel'],
    ])
  })

  it.each<[why: string, source: string, target: string, usable: boolean]>([
    ['a sentence', 'a red apple', 'ein roter Apfel', true],
    ['one word', 'apple', 'Apfel', false],
    ['text that was not translated', 'a red apple', 'a red apple', false],
    ['no translation', 'a red apple', '', false],
    ['a formula', '=SUM(A1; B2) 3', '=SUMME(A1; B2) 3', false],
    ['60 words', 'word '.repeat(60).trim(), 'ein Wort', true],
    ['61 words', 'word '.repeat(61).trim(), 'ein Wort', false],
    ['61 words of translation', 'a word', 'Wort '.repeat(61).trim(), false],
  ])('of %s: usable or not', (_why, source, target, usable) => {
    expect(isUsable([source, target], ENGLISH_GERMAN)).toBe(usable)
  })

  it('in languages without spaces have words too', () => {
    expect(isUsable(['赤いりんごを食べる', 'eat a red apple'], { source: 'ja', target: 'en-US' })).toBe(true)
    expect(isUsable(['りんご', 'apple'], { source: 'ja', target: 'en-US' })).toBe(false)
  })
})

describe('the three parts', () => {
  const document = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2 }))
      .map(([s, t]): Pair => [`Source ${s}`, `T${t}`]),
    { maxLength: 8 },
  )
  const documents = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), document, { maxKeys: 20, noNullPrototype: true })

  it('have no pair twice, and training text no source of the others', () => {
    fc.assert(
      fc.property(documents, made => {
        const { train, valid, test } = splitDocuments(new Map(Object.entries(made)), { valid: 5, test: 8 })
        const keys = [...train, ...valid, ...test].map(pair => pair.join('\t'))
        expect(new Set(keys).size).toBe(keys.length)
        const heldOut = new Set([...valid, ...test].map(([source]) => source))
        expect(train.filter(([source]) => heldOut.has(source))).toEqual([])
      }),
    )
  })

  it('do not depend on the order in which pages are found', () => {
    fc.assert(
      fc.property(documents, made => {
        const entries = Object.entries(made)
        const split = (some: typeof entries) => splitDocuments(new Map(some), { valid: 5, test: 8 })
        expect(split(entries)).toEqual(split(entries.toReversed()))
      }),
    )
  })

  it('divide no page, and are held out first', () => {
    const pages = Array.from({ length: 20 }, (_, d): [string, Pair[]] => [
      `page${d}`,
      [1, 2, 3].map((n): Pair => [`Sentence ${n} of page ${d}`, `Satz ${n} von ${d}`]),
    ])
    const splits = splitDocuments(new Map(pages), { valid: 4, test: 7 })
    expect([splits.valid.length, splits.test.length, splits.train.length]).toEqual([6, 9, 45])
    const pagesOf = (pairs: readonly Pair[]) => new Set(pairs.map(([source]) => source.split(' of ')[1]))
    expect([splits.valid, splits.test, splits.train].map(part => pagesOf(part).size)).toEqual([2, 3, 15])
  })
})

describe('the program', () => {
  let base: string
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'espalier-corpora-'))
    for (const [language, sentence] of [
      ['en-US', 'Water the trees'],
      ['de', 'Gießen Sie die Bäume'],
    ]) {
      const path = join(base, 'usr/share/libreoffice/help', language, 'text/garden/water.html')
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, page(`<p id="par_id1">${sentence}</p>`))
    }
  })
  afterAll(() => rm(base, { recursive: true, force: true }))

  const make = (...args: string[]) =>
    run(process.execPath, [join(repository, 'bench/corpora/libreoffice-help.js'), ...args])

  it('writes files that are packed', async () => {
    const { stdout } = await make(base, 'en-US', 'de', join(base, 'out'))
    expect(stdout).toBe('valid: 1 pairs\ntest: 0 pairs\ntrain: 0 pairs\n')
    expect(gunzipSync(await readFile(join(base, 'out/valid.de.gz'))).toString()).toBe('Gießen Sie die Bäume\n')
    expect(gunzipSync(await readFile(join(base, 'out/valid.en.gz'))).toString()).toBe('Water the trees\n')
  })

  it('names the package that is missing', async () => {
    await expect(make(base, 'en-US', 'pt-BR', join(base, 'out'))).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/unpack libreoffice-help-pt-br with dpkg-deb -x/),
    })
  })
})
