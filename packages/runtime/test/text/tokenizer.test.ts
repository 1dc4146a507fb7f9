import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTokenizer, type TokenizerConfig } from '../../src/text/tokenizer.ts'
import { EOS, UNK, Vocabulary } from '../../src/text/vocabulary.ts'
import { anyLine } from './strings.ts'

const configs: TokenizerConfig[] = [
  { kind: 'none', language: 'en', lowercase: false },
  { kind: 'words', language: 'en', lowercase: true },
  { kind: 'words', language: 'de', lowercase: false },
  { kind: 'bpe', language: 'en', lowercase: true, merges: ['l o', 'lo w</w>', 'a b'] },
  { kind: 'words', language: 'fr', lowercase: true, normalization: 'nfc', spacing: 'marked' },
  { kind: 'bpe', language: 'de', lowercase: false, normalization: 'nfkc', spacing: 'marked', merges: ['￭ (', 'a b'] },
]

describe.each(configs)('$kind, $language, lower case: $lowercase, space: $spacing', config => {
  const tokenizer = createTokenizer(config)

  test('survives its way through JSON', () => {
    const again = createTokenizer(JSON.parse(JSON.stringify(config)))
    expect(again.tokenize('How low, Mr. Green!')).toEqual(tokenizer.tokenize('How low, Mr. Green!'))
  })

  test('takes any string', () => {
    fc.assert(
      fc.property(anyLine, line => {
        const tokens = tokenizer.tokenize(line)
        expect(tokens.every(token => token !== '' && !/\s/u.test(token))).toBe(true)
        tokenizer.detokenize(tokens)
      }),
      { numRuns: 300 },
    )
  })

  test('takes 10 000 words', () => {
    expect(tokenizer.tokenize('Low '.repeat(10_000)).length).toBeGreaterThanOrEqual(10_000)
  })
})

test('lower-casing comes after splitting, so that capitals can tell where a sentence ends', () => {
  const tokenizer = createTokenizer({ kind: 'words', language: 'en', lowercase: true })
  expect(tokenizer.tokenize('It Rained. Then SUN.')).toEqual(['it', 'rained', '.', 'then', 'sun', '.'])
})

test('bpe goes there and back', () => {
  const tokenizer = createTokenizer({ kind: 'bpe', language: 'en', lowercase: false, merges: ['o s', 'os e'] })
  const line = "The rose isn't (yet) open."
  expect(tokenizer.tokenize('rose')).toEqual(['r@@', 'os@@', 'e'])
  expect(tokenizer.detokenize(tokenizer.tokenize(line))).toBe(line)
})

test('a special token in the text is an unknown word', () => {
  const vocabulary = new Vocabulary(['<pad>', '<unk>', '<s>', '</s>', 'rose'])
  expect(vocabulary.encode(['rose', '</s>', '<pad>', 'tulip'])).toEqual([4, UNK, UNK, UNK])
  expect(vocabulary.id('</s>')).toBe(EOS)
})

const multi30k = fileURLToPath(new URL('../../../../../shared/data/multi30k/', import.meta.url))
const found = existsSync(`${multi30k}train.en.gz`)
if (!found) process.stderr.write('Multi30k is not here: agreement with Moses is not measured\n')

test.skipIf(!found).each(['en', 'de'])('agrees with the Moses tokenisation of Multi30k: %s', language => {
  const read = (name: string) =>
    gunzipSync(readFileSync(multi30k + name))
      .toString('utf8')
      .trimEnd()
      .split('\n')
  const [raw, moses] = [read(`train.${language}.gz`), read(`train.lc.norm.tok.${language}.gz`)]
  const { tokenize } = createTokenizer({ kind: 'words', language, lowercase: true })
  // Their text was normalised (straight quotes) and escaped as well.
  const straight = (line: string) => line.replace(/[„“”]/gu, '"').replace(/[‚‘’]/gu, "'")
  const plain = (line: string) =>
    line.trim().replaceAll('&apos;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&')
  const agreeing = raw.filter((line, i) => straight(tokenize(line).join(' ')) === plain(moses[i])).length
  expect(agreeing / raw.length).toBeGreaterThan(0.99)
})
