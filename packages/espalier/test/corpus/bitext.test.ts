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

  test('CR LF; nothing but LF ends a line, nothing but a tab a column', async () => {
    const path = await temporaryFile('a.tsv', 'a\u2028b\fc\td\re\r\n😀\u00a0\u3000\t\t1\r\n')
    expect(await all(readBitext({ kind: 'tsv', path }))).toEqual([
      { source: 'a\u2028b\fc', target: 'd\re', line: 1 },
      { source: '😀\u00a0\u3000', target: '', line: 2 },
    ])
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

  test('the same code first, then a regional variant, then the language without region', async () => {
    const languages = async (sourceLanguage: string, targetLanguage: string, ...variants: [string, string][]) => {
      const path = await temporaryFile('a.tmx', tmx(unit(...variants)))
      const [pair] = await all(readBitext({ kind: 'tmx', path, sourceLanguage, targetLanguage }))
      return [pair.source, pair.target]
    }
    const german: [string, string] = ['de', 'Farbe']
    expect(await languages('en', 'de', ['en-GB', 'colour'], ['en', 'color'], german)).toEqual(['color', 'Farbe'])
    expect(await languages('en-GB', 'de', ['en', 'color'], ['EN_gb', 'colour'], german)).toEqual(['colour', 'Farbe'])
    expect(await languages('en', 'de', ['en-GB', 'colour'], ['en-US', 'color'], german)).toEqual(['colour', 'Farbe'])
    expect(await languages('en-AU', 'ger', ['en', 'color'], ['deu-CH', 'Farbe'])).toEqual(['color', 'Farbe'])
    expect(await languages('en-GB', 'en-US', ['en-US', 'color'], ['en-GB', 'colour'])).toEqual(['colour', 'color'])
    await expect(languages('en-GB', 'de', ['en-US', 'color'], german)).rejects.toMatchObject({ code: 'tmx-languages' })
    await expect(languages('en', 'en-US', ['en-US', 'color'], german)).rejects.toMatchObject({ code: 'tmx-languages' })
  })

  test('long comments, attributes, CDATA and segments', async () => {
    const long = 'ö'.repeat(200_000)
    const found = await read(
      tmx(`<!-- ${long} -->`, `<note x="${long}"/>`, unit(['en', `<![CDATA[${long}]]>`], ['de', long])),
    )
    expect(found).toEqual([{ source: long, target: long, line: 6 }])
  })

  test('no-break spaces stay, white space of the file is one space', async () => {
    const [pair] = await read(tmx(unit(['en', ' a\n\t b\u00a0c\u2028d '], ['de', '\u202fx'])))
    expect(pair).toMatchObject({ source: 'a b\u00a0c\u2028d', target: '\u202fx' })
  })

  describe('entities of the DOCTYPE', () => {
    const declare = (declarations: string, ...units: string[]) =>
      `<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd" [\n${declarations}\n]>\n<tmx><body>${units.join('\n')}</body></tmx>`

    test('stand for their text', async () => {
      const declarations = `<!-- don't be <!ENTITY a "wrong"> -->
        <!ENTITY a 'Acme'> <!ENTITY a "second"> <!ENTITY inc "&a; &#38;amp; Co&#x2e;"> <!ENTITY none "">
        <!ENTITY bold "<hi>bold</hi> <ph>code</ph>"> <!ENTITY % parameter "x"> <!ELEMENT seg (#PCDATA)>
        <!ENTITY amp "overridden">`
      const found = await read(
        declare(declarations, unit(['en', '&a;, &inc; &none;&bold; &amp; &#8364;'], ['de', '&a;&none;'])),
      )
      expect(found).toMatchObject([{ source: 'Acme, Acme & Co. bold code & €', target: 'Acme' }])
    })

    const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('\n')
    const nothing = Array.from({ length: 15 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('\n')
    test.each([
      ['not declared', '<!ENTITY a "b">', '&rose;', /line 5: the entity &rose; is not declared/],
      ['in another file', '<!ENTITY rose SYSTEM "file:///etc/passwd">', '&rose;', /entity &rose; is not declared/],
      ['a property of objects', '', '&constructor;', /entity &constructor; is not declared/],
      ['a lone ampersand', '', 'Marks & Spencer', /does not end in a semicolon; a lone & is &amp;/],
      ['a billion laughs', `<!ENTITY l0 "lol">\n${laughs}`, '&l9;', /entity l\d is refused: it stands for more than/],
      ['one that holds itself', '<!ENTITY a "&b;"><!ENTITY b "&a;">', '&a;', /entity [ab] is refused: .* to itself/],
      ['malformed', '<!ENTITY a "<b>">', '&a;', /entity a: /],
    ])('refused by name: %s', async (_, declarations, text, message) => {
      await expect(read(declare(declarations, unit(['en', text], ['de', 'x'])))).rejects.toMatchObject({
        code: 'malformed-xml',
        message: expect.stringMatching(message),
      })
    })

    test('nothing, a billion times, takes no time', async () => {
      expect(await read(declare(`<!ENTITY l0 "">\n${nothing}`, unit(['en', 'a&l15;'], ['de', 'x'])))).toHaveLength(1)
    })
  })

  test('the declared encoding counts', async () => {
    const declared = (encoding: string) => texts.replace('?>', ` encoding="${encoding}"?>`).replaceAll('rose', 'röse')
    const [first] = await read(Buffer.from(declared('ISO-8859-1'), 'latin1'))
    expect(first.source).toBe('the röse')
    // Tools convert files to UTF-8 and leave the declaration as it was.
    expect((await read(declared('UTF-16')))[0].source).toBe('the röse')
    await expect(read(declared('klingon-8'))).rejects.toThrow(/a\.tmx is declared as klingon-8, which is not known/)
    await expect(read(Buffer.from(texts, 'utf16le'))).rejects.toThrow(/seems to be UTF-16 without a byte-order mark/)
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
