/**
 * Word tokenisation with the conventions of Moses' tokenizer (Koehn et al. 2007): punctuation stands apart, a period
 * stays with an abbreviation, commas and periods stay inside numbers, hyphens inside words, English contractions are
 * `don 't`, the apostrophes of French and Italian stay with the word before. URLs and e-mail addresses stay whole (as
 * with Moses' protected patterns). Characters are never escaped. Every pattern takes time linear in the line.
 */
import { type Abbreviations, abbreviationsOf } from './abbreviations.ts'
import { baseLanguage } from './language.ts'

const SPACE = /[\p{Cc}\p{Z}\u200b\ufeff]+/gu

/** URLs, then e-mail addresses; what ends a sentence or closes a bracket after them is no part of them. */
const PROTECTED =
  /(?<![\p{L}\p{N}])((?:(?:https?|ftp):\/\/|www\.)[^\s<>"'’“”„«»()[\]]*[\p{L}\p{N}/]|(?<![._%+-])[\p{L}\p{N}._%+-]+@(?:[\p{L}\p{N}-]+\.)+\p{L}{2,})/u

/** What stands apart: a flag, or any other symbol with what modifies it (joined emoji are one symbol). */
const SYMBOL =
  /[\u{1f1e6}-\u{1f1ff}]{2}|[^\p{L}\p{M}\p{N}\s\u00ad\p{Join_Control}.'’`,-](?:[\p{M}\p{Emoji_Modifier}]|\u200d[^\p{L}\p{M}\p{N}\s.'’`,-]?)*/gu

/** The tokens of a line. Never throws; control characters count as spaces. */
export function tokenizeWords(line: string, language: string): string[] {
  const base = baseLanguage(language)
  const words: string[] = []
  const whole = new Set<number>()
  // Splitting by a pattern with one group puts what it matched at the odd places.
  line
    .replace(SPACE, ' ')
    .split(PROTECTED)
    .forEach((piece, i) => {
      if (i % 2 === 1) whole.add(words.length)
      for (const word of i % 2 === 1 ? [piece] : splitWords(piece, base)) words.push(word)
    })
  const abbreviations = abbreviationsOf(base)
  const tokens: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (!word.endsWith('.') || whole.has(i) || keepsPeriod(word, words[i + 1], abbreviations, base)) tokens.push(word)
    else tokens.push(word.slice(0, -1), '.')
  }
  return tokens
}

function splitWords(piece: string, language: string): string[] {
  const text = ` ${piece} `
    .replace(SYMBOL, ' $& ')
    // Dots in a row are one token; a comma stays only between two digits.
    .replace(/\.{2,}/gu, ' $& ')
    .replace(/(?<=\P{N}),|,(?=\P{N})/gu, ' , ')
  return apostrophes(text, language).split(' ').filter(Boolean)
}

function apostrophes(text: string, language: string): string {
  switch (language) {
    case 'en':
      // Apart, but before a letter after a digit (`5'x`); then contractions and genitives: `don 't`, `1990 's`.
      return text
        .replace(/(?<![\p{L}\p{N}])['’]|['’](?!\p{L})/gu, ' $& ')
        .replace(/(?<=\p{L})['’](?=\p{L})|(?<=\p{N})['’](?=s)/gu, ' $&')
    case 'fr':
    case 'it':
      return text.replace(/(?<!\p{L})['’]|['’](?!\p{L})/gu, ' $& ').replace(/(?<=\p{L})['’](?=\p{L})/gu, '$& ')
    default:
      return text.replace(/['’]/gu, ' $& ')
  }
}

/** Whether a word is to stay as it is: it ends in no period, or in one that is its own. */
function keepsPeriod(word: string, next: string | undefined, known: Abbreviations, language: string): boolean {
  if (word.length < 2 || !word.endsWith('.') || word.endsWith('..')) return true
  const stem = word.slice(0, -1)
  // `U.S.`, `z.B.`: also where the line ends.
  if (stem.includes('.') && /\p{L}/u.test(stem)) return true
  if (next === undefined) return false
  if (/^\p{Lu}$/u.test(stem) || known.beforeWord.has(stem) || /^\p{Ll}/u.test(next)) return true
  if (known.beforeNumber.has(stem) && /^\p{N}/u.test(next)) return true
  // German ordinals and dates: `am 3. Mai`.
  return language === 'de' && /^\d{1,2}$/u.test(stem) && /^\p{L}/u.test(next)
}
