import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenizer, NORMALIZATIONS, parseTokenizerConfig } from '../../src/index.ts'
import { normalizeText } from '../../src/text/normalize.ts'
import { anyLine } from './strings.ts'

describe('normalisation', () => {
  it('makes one of the spellings of a letter', () => {
    for (const form of ['nfc', 'nfkc'] as const) {
      expect(normalizeText('Tu\u0308r', form)).toBe('Tür')
      expect(normalizeText('\u212bngström', form)).toBe('Ångström')
    }
    expect(normalizeText('Tu\u0308r', 'none')).toBe('Tu\u0308r')
  })

  it('leaves out what nobody sees, and keeps what emoji and scripts need', () => {
    expect(normalizeText('Gar\u00adten\u200e \ufeffund\u2060 Beet', 'nfc')).toBe('Garten und Beet')
    for (const kept of ['👩\u200d🌾', 'می\u200cخواهم', '☀\ufe0f', 'a\u00a0b', 'a\u202fb', 'a\u200bb'])
      expect(normalizeText(kept, 'nfc')).toBe(kept)
  })

  it('replaces compatibility characters if asked', () => {
    expect(normalizeText('ﬁx… 5²', 'nfc')).toBe('ﬁx… 5²')
    expect(normalizeText('ﬁx… 5²', 'nfkc')).toBe('fix... 52')
  })

  it('done twice is the same as done once', () =>
    fc.assert(
      fc.property(anyLine, fc.constantFrom(...NORMALIZATIONS), (line, form) => {
        const once = normalizeText(line, form)
        expect(normalizeText(once, form)).toBe(once)
      }),
    ))

  it.each(['words', 'none', 'bpe'] as const)('comes before a tokeniser of kind %s', kind => {
    const config = { kind, language: 'de', lowercase: false, merges: [] }
    const composed = createTokenizer({ ...config, normalization: 'nfc' })
    expect(composed.tokenize('die Tu\u0308\u00adr')).toEqual(composed.tokenize('die Tür'))
    const old = createTokenizer(config)
    expect(old.tokenize('die Tu\u0308r')).not.toEqual(old.tokenize('die Tür'))
  })
})

describe('the description of a tokeniser', () => {
  const config = { kind: 'words', language: 'en', lowercase: true }
  it('may have a normalisation or, as in old models, none', () => {
    expect(parseTokenizerConfig(config)).toEqual(config)
    expect(parseTokenizerConfig({ ...config, normalization: 'nfc' })).toEqual({ ...config, normalization: 'nfc' })
  })

  it.each([
    [null, /not an object/],
    [{ ...config, kind: 'letters' }, /kind is "letters"; known are words, none, bpe/],
    [{ ...config, language: 5 }, /language is not a string/],
    [{ ...config, lowercase: 'yes' }, /lowercase is neither true nor false/],
    [{ ...config, normalization: 'nfd' }, /normalization is "nfd"; known are nfc, nfkc, none/],
    [{ ...config, merges: [1] }, /merges is not a list of strings/],
  ])('is checked: %j', (value, message) => {
    expect(() => parseTokenizerConfig(value)).toThrow(message)
  })
})
