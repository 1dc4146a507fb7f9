import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenizer } from '../../src/index.ts'
import { CONSTRUCTIONS } from './constructions.ts'
import { anyLine } from './strings.ts'

const languages = Object.keys(CONSTRUCTIONS) as (keyof typeof CONSTRUCTIONS)[]
const tokenizers = (spacing?: 'marked') =>
  new Map(
    languages.map(language => [language, createTokenizer({ kind: 'words', language, lowercase: false, spacing })]),
  )
const marked = tokenizers('marked')
const conventional = tokenizers()

describe.each(languages)('constructions of %s', language => {
  const comesBack = (text: string, by: typeof marked) =>
    by.get(language)!.detokenize(by.get(language)!.tokenize(text)) === text

  it.each(CONSTRUCTIONS[language])('%s', text => {
    const tokenizer = marked.get(language)!
    expect(tokenizer.detokenize(tokenizer.tokenize(text))).toBe(text)
  })

  it('are cut into the same tokens with marks and without, but for the marks', () => {
    for (const text of CONSTRUCTIONS[language])
      expect(
        marked
          .get(language)!
          .tokenize(text)
          .join(' ')
          .replace(/[￭␣⍽⎵]/gu, ''),
      ).toBe(conventional.get(language)!.tokenize(text).join(' '))
  })

  it('mostly need no mark: what the conventions give back by themselves', () => {
    const found = CONSTRUCTIONS[language].filter(text => comesBack(text, conventional)).length
    // The others are spellings beside the usual one: `20 %` where `20%` is the rule, no-break spaces, `a=b`.
    expect(found / CONSTRUCTIONS[language].length).toBeGreaterThan({ en: 0.9, de: 0.85, fr: 0.78 }[language])
    for (const text of CONSTRUCTIONS[language].filter(line => comesBack(line, conventional)))
      expect(marked.get(language)!.tokenize(text)).toEqual(conventional.get(language)!.tokenize(text))
  })
})

describe('marks', () => {
  it('stand on signs and abbreviations rather than on words', () => {
    const tokens = (text: string) => marked.get('de')!.tokenize(text).join(' ')
    expect(tokens('20°C')).toBe('20 ￭° C')
    expect(tokens('a=b')).toBe('a ￭=￭ b')
    expect(tokens('100\u00a0€ für zwei\u00a0Rosen, 20\u202f%')).toBe('100 ⍽€ für zwei Rosen , 20 ⎵%')
    expect(tokens('Dr.\u00a0Grün')).toBe('Dr.⍽ Grün')
  })

  it('bring any text back, but for its white space', () => {
    const tidy = (text: string) => text.replace(/[\p{Cc}\p{Z}\u200b\ufeff]+/gu, ' ').trim()
    const odd = fc
      .array(fc.constantFrom(...'￭␣⍽⎵a1.- \u0301'.split('')), { maxLength: 20 })
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(anyLine, odd), fc.constantFrom(...languages), (line, language) => {
        const { tokenize, detokenize } = marked.get(language)!
        expect(tidy(detokenize(tokenize(line)))).toBe(tidy(line))
      }),
      { numRuns: 1000 },
    )
  })

  it('may come in any order: a model may make them', () => {
    const token = fc.array(fc.constantFrom('￭', '␣', '⍽', '⎵', 'a', '.', '"'), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.array(
          token.map(parts => parts.join('')),
          { maxLength: 8 },
        ),
        tokens => {
          expect(typeof marked.get('en')!.detokenize(tokens)).toBe('string')
        },
      ),
    )
    expect(marked.get('en')!.detokenize(['￭', '␣␣', 'a￭', '￭b', 'c￭'])).toBe('￭ ␣ ab c')
  })
})

/** Text cut before there were marks has to be put together as well as before: models keep their tokens. */
describe('without marks', () => {
  it.each([
    ['de', 'Das kostet 100 $ pro Tag.'],
    ['de', 'Hans’ Auto ist neu.'],
    ['de', "Hans' Auto ist neu."],
    ['de', "Ich hab' keine Zeit."],
    ['de', 'Es sind 20 °C.'],
    ['en', 'Outside it is 20°C now.'],
    ['en', "A rug of 8' x 10' is big."],
    ['en', "The dogs' bowls and James' hat."],
    ['en', 'C# is a language.'],
    ['fr', 'Il dit « oui » : « non ».'],
  ] as const)('%s: %s', (language, text) => {
    const { tokenize, detokenize } = conventional.get(language)!
    expect(detokenize(tokenize(text))).toBe(text)
  })
})
