import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { detokenizeWords } from '../../src/text/detokenize.ts'
import { tokenizeWords } from '../../src/text/words.ts'
import { anyLine } from './strings.ts'

describe('tokenizeWords', () => {
  const cases: [language: string, line: string, tokens: string][] = [
    ['en', '', ''],
    ['en', '  The roses,  at last, bloom!  ', 'The roses , at last , bloom !'],
    ['en', "I don't know, it's the neighbour's.", "I don 't know , it 's the neighbour 's ."],
    ['en', 'I don’t know.', 'I don ’t know .'],
    ['en', "the gardeners' tools", "the gardeners ' tools"],
    ['en', "the 1990's and '80s", "the 1990 's and ' 80s"],
    ['en', 'It cost 1,234.50 dollars, or 3.5.', 'It cost 1,234.50 dollars , or 3.5 .'],
    ['en', 'one,two 3,four', 'one , two 3 , four'],
    ['en', 'Mr. Green met Dr. Brown on Jan. 5.', 'Mr. Green met Dr. Brown on Jan. 5 .'],
    ['en', 'See No. 5. No. It rains.', 'See No. 5 . No . It rains .'],
    ['en', 'J. Smith left the U.S. yesterday.', 'J. Smith left the U.S. yesterday .'],
    ['en', 'Wait... what?', 'Wait ... what ?'],
    ['en', 'Wait… what?', 'Wait … what ?'],
    ['en', 'a well-known, half-hardy plant', 'a well-known , half-hardy plant'],
    ['en', 'He said "yes" (twice).', 'He said " yes " ( twice ) .'],
    [
      'en',
      'See https://example.org/a?b=1, or write to a.b@example.org.',
      'See https://example.org/a?b=1 , or write to a.b@example.org .',
    ],
    ['en', 'salt & pepper <b> 5%', 'salt & pepper < b > 5 %'],
    ['en', 'rain\u00a0and\u200bsun\u0007', 'rain and sun'],
    ['en', 'sun 👩‍🌾☀️ 🇩🇪!', 'sun 👩‍🌾 ☀️ 🇩🇪 !'],
    ['en', 'lone \ud83d here', 'lone \ud83d here'],
    ['en-GB', "don't", "don 't"],
    ['de', 'Das Beet ist z.B. am 3. Mai bzw. im Juni dran.', 'Das Beet ist z.B. am 3. Mai bzw. im Juni dran .'],
    ['de', 'Er wohnt in Nr. 12.', 'Er wohnt in Nr. 12 .'],
    ['de', 'Es sind 1.000,5 kg.', 'Es sind 1.000,5 kg .'],
    ['de', 'Er rief „Hallo!“ und ging.', 'Er rief „ Hallo ! “ und ging .'],
    ['de', "Wie geht's dir?", "Wie geht ' s dir ?"],
    ['fr', "l'arbre d’or", "l' arbre d’ or"],
    ['xx', "it's 5 p.m. now", "it ' s 5 p.m. now"],
  ]
  test.each(cases)('%s: %s', (language, line, tokens) => {
    expect(tokenizeWords(line, language).join(' ')).toBe(tokens)
  })

  test('lower-cased text keeps its abbreviations', () => {
    expect(tokenizeWords('mr. green met dr. brown.', 'en').join(' ')).toBe('mr. green met dr. brown .')
  })

  test('loses and adds nothing but spaces, and never makes an empty token', () => {
    fc.assert(
      fc.property(anyLine, fc.constantFrom('en', 'de', 'fr', 'xx', ''), (line, language) => {
        const tokens = tokenizeWords(line, language)
        expect(tokens.every(token => token !== '' && !token.includes(' '))).toBe(true)
        expect(tokens.join('')).toBe(line.replace(/[\p{Cc}\p{Z}\u200b\ufeff]+/gu, ''))
      }),
      { numRuns: 500 },
    )
  })

  test('takes time linear in the line', () => {
    for (const piece of ['word, ', 'a', '.', "'", 'a.', 'a@', 'http://!', "don't ", '👩‍🌾', '\u200d', '<', '„“', '%'])
      for (const language of ['en', 'de']) {
        const start = performance.now()
        detokenizeWords(tokenizeWords(piece.repeat(50_000), language), language)
        expect(performance.now() - start, piece).toBeLessThan(5000)
      }
  })
})

describe('detokenizeWords', () => {
  const english = [
    'The roses, at last, bloom!',
    "I don't know; it's the neighbour's.",
    'I don’t know.',
    "The gardeners' tools are in the shed.",
    'He said "yes" and then "no".',
    "She whispered 'good night' to them.",
    'It cost $5.50 (about 20% less) at 11:27.',
    'Wait... what?',
    'Mr. Green and Dr. Brown left the U.S. on Jan. 5.',
    'Apples and/or pears: who knows?',
    'Read https://example.org/a, then write to me@example.org.',
    'He called it “a weed”; we call it ‘clover’.',
    'I told you [twice].',
  ]
  const german = [
    'Er rief „Guten Tag!“ und ging.',
    'Das ist ein „Rosen“-Beet, oder?',
    'Wie geht’s dir am 3. Mai?',
    "Wie geht's dir?",
    'Es kostet 1.000,50 € (ca. 20% weniger).',
    'Sie sagte: »Nein.«',
    'Die Nr. 5 ist z.B. groß.',
    'Er las "Der Garten" gern.',
  ]
  test.each(english)('en: %s', line => {
    expect(detokenizeWords(tokenizeWords(line, 'en'), 'en')).toBe(line)
  })
  test.each(german)('de: %s', line => {
    expect(detokenizeWords(tokenizeWords(line, 'de'), 'de')).toBe(line)
  })
  test.each(["L'arbre est là !", 'C’est l’été : qui sait ?'])('fr: %s', line => {
    expect(detokenizeWords(tokenizeWords(line, 'fr'), 'fr')).toBe(line)
  })

  test('takes any tokens, keeps all of them, in order', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 20 }), fc.constantFrom('en', 'de', 'fr'), (tokens, language) => {
        const text = detokenizeWords(tokens, language)
        expect(text.replaceAll(' ', '')).toBe(tokens.join('').replaceAll(' ', ''))
      }),
    )
  })
})
