import { describe, expect, test } from 'vitest'
import { type BitextLocation, readBitext } from '../../src/corpus/bitext.ts'
import type { SentencePair } from '../../src/corpus/sentence-pair.ts'
import { temporaryFile } from './temporary.ts'

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
const pairs: SentencePair[] = [
  { source: 'the rose', target: 'die Rose', line: 1 },
  { source: 'the tulip', target: 'die Tulpe', line: 2 },
]
const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map(part => Buffer.from(part as string)))

describe('aligned files', () => {
  const aligned = async (source: string, target: string): Promise<BitextLocation> => ({
    kind: 'files',
    source: await temporaryFile('a.en', source),
    target: await temporaryFile('a.de.gz', target),
  })

  test('line by line', async () => {
    expect(await all(readBitext(await aligned('the rose\nthe tulip\n', 'die Rose\r\ndie Tulpe')))).toEqual(pairs)
  })

  test.each([
    ['1\n2\n3\n', '1\n', /a\.en has 3 lines and .*a\.de\.gz has 1/],
    ['1\n', '1\n2\n', /a\.en has 1 lines and .*a\.de\.gz has 2/],
  ])('of different length: both counts are named', async (source, target, message) => {
    const location = await aligned(source, target)
    await expect(all(readBitext(location))).rejects.toMatchObject({
      code: 'lengths-differ',
      message: expect.stringMatching(message),
    })
  })
})

describe('TSV', () => {
  test('two columns, or more', async () => {
    const path = await temporaryFile('a.tsv', 'the rose\tdie Rose\nthe tulip\tdie Tulpe\t0.9\n')
    expect(await all(readBitext({ kind: 'tsv', path }))).toEqual(pairs)
  })

  test('one column', async () => {
    const path = await temporaryFile('a.tsv', 'the rose\tdie Rose\nthe tulip die Tulpe\n')
    await expect(all(readBitext({ kind: 'tsv', path }))).rejects.toMatchObject({
      code: 'tsv-columns',
      message: expect.stringMatching(/a\.tsv, line 2: one column/),
    })
  })
})

describe('TMX', () => {
  const unit = (...variants: [language: string, text: string][]) =>
    `<tu>${variants.map(([language, text]) => `<tuv xml:lang="${language}"><seg>${text}</seg></tuv>`).join('')}</tu>`
  const tmx = (...units: string[]) =>
    `<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4"><header/><body>\n${units.join('\n')}\n</body></tmx>\n`
  const read = async (content: string | Uint8Array, name = 'a.tmx') => {
    const path = await temporaryFile(name, content)
    return all(readBitext({ kind: 'tmx', path, sourceLanguage: 'en', targetLanguage: 'de' }))
  }
  const texts = tmx(
    unit(['en', 'the rose'], ['de', 'die Rose']),
    unit(['fr', 'la tulipe'], ['de-AT', 'die Tulpe'], ['EN_gb', 'the tulip']),
    unit(['en', 'only here']),
  )

  test('units that have the pair, regional variants included', async () => {
    const found = pairs.map(pair => ({ ...pair, line: pair.line + 3 }))
    expect(await read(texts)).toEqual(found)
    expect(await read(texts, 'a.tmx.gz')).toEqual(found)
    expect(await read(`\ufeff${texts}`)).toEqual(found)
    expect(await read(Buffer.from(`\ufeff${texts}`, 'utf16le'))).toHaveLength(2)
  })

  test('one long line', async () => {
    const long = tmx(...Array.from({ length: 20_000 }, (_, i) => unit(['en', `ö ${i}`], ['de', `ü ${i}`])))
    const found = await read(long.replaceAll('\n', ' '))
    expect(found).toHaveLength(20_000)
    expect(found[19_999]).toEqual({ source: 'ö 19999', target: 'ü 19999', line: 1 })
  })

  test('entities, CDATA, line ends in a segment; codes of the original format are left out', async () => {
    const found = await read(
      tmx(
        unit(
          ['en', 'salt &amp;\n  <hi>pepper</hi> <bpt i="1">&lt;b&gt;</bpt>hot<ept i="1">&lt;/b&gt;</ept>'],
          ['de', '<![CDATA[Salz & Pfeffer]]>'],
        ),
      ),
    )
    expect(found).toEqual([{ source: 'salt & pepper hot', target: 'Salz & Pfeffer', line: 4 }])
  })

  test('without the pair: its languages are named', async () => {
    await expect(read(tmx(unit(['en', 'a'], ['fr', 'b']), unit(['cs', 'c'])))).rejects.toMatchObject({
      code: 'tmx-languages',
      message: expect.stringMatching(/no unit in both en and de; its languages are en, fr, cs/),
    })
  })

  const bad: [what: string, content: string | Uint8Array, code: string, message: RegExp][] = [
    ['malformed', tmx('<tu><tuv></tu>'), 'malformed-xml', /line 4: Unexpected close tag/],
    ['cut', texts.slice(0, -20), 'malformed-xml', /a\.tmx, line \d+: Unclosed/],
    ['no XML', 'the rose\tdie Rose\n', 'malformed-xml', /line 1/],
    ['unknown entity', tmx(unit(['en', '&rose;'], ['de', 'x'])), 'malformed-xml', /line 4/],
    ['invalid UTF-8', bytes('<tmx>\n<body>', [0xff], '</body></tmx>'), 'invalid-utf8', /line 2: not valid UTF-8/],
    ['a character cut at the end', bytes('<tmx>\n', [0xc3]), 'invalid-utf8', /line 2/],
    ['empty', '', 'empty-file', /is empty/],
  ]
  test.each(bad)('%s', async (_, content, code, message) => {
    await expect(read(content)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
