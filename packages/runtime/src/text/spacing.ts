/**
 * Marks for the space around tokens, where it is not what a language's conventions say: `20°C` in German, where `20 °C`
 * is the rule, becomes `20 ￭° C`. Text without surprises has no marks; with them, text comes back as it was.
 */
import { conventionalGaps } from './detokenize.ts'

/** What stands before a token: nothing, a space, a no-break space, a narrow one. */
type Gap = '' | ' ' | '\u00a0' | '\u202f'

const MARKS: Readonly<Record<Gap, string>> = { '': '￭', ' ': '␣', '\u00a0': '⍽', '\u202f': '⎵' }
const GAPS: ReadonlyMap<string, Gap> = new Map((Object.keys(MARKS) as Gap[]).map(gap => [MARKS[gap], gap]))

const WHITE_SPACE = /[\p{Cc}\p{Z}\u200b\ufeff]*/uy
const WORD_START = /^[\p{L}\p{N}]/u
const WORD_END = /[\p{L}\p{M}\p{N}]$/u
const WORD = /^[\p{L}\p{M}\p{N}]+$/u
const NUMBER = /^\p{N}+$/u

/**
 * Adds marks to the tokens of a line.
 * @param line the line that was cut into tokens
 * @param tokens its tokens, which are all that it holds but white space
 * @param folded the same tokens as they will be known, lower-cased maybe
 */
export function markSpacing(
  line: string,
  tokens: readonly string[],
  folded: readonly string[],
  language: string,
): string[] {
  const gaps = gapsOf(line, tokens)
  const conventional = conventionalGaps(folded, language)
  const [prefixes, suffixes] = [folded.map(() => ''), folded.map(() => '')]
  for (let i = 1; i < folded.length; i++) {
    if (gaps[i] === conventional[i]) continue
    // Signs are marked rather than words: the vocabulary keeps the words as they are.
    if (WORD_START.test(folded[i]) && !WORD_END.test(folded[i - 1])) suffixes[i - 1] = MARKS[gaps[i]]
    else prefixes[i] = MARKS[gaps[i]]
  }
  // A token that looks marked by itself has marks on both sides, so that exactly these are taken off again.
  return folded.map((token, i) =>
    looksMarked(token) ? MARKS[gaps[i]] + token + MARKS[gaps[i + 1] ?? ''] : prefixes[i] + token + suffixes[i],
  )
}

const looksMarked = (token: string) => GAPS.has(token[0]) || GAPS.has(token[token.length - 1])

/** Text from tokens with marks, which need not be well-formed: a model may have made them. */
export function detokenizeMarked(marked: readonly string[], language: string): string {
  const tokens: string[] = []
  /** The gaps that marks ask for. */
  const asked: (Gap | undefined)[] = []
  marked.forEach((token, i) => {
    const first = token.length > 1 ? GAPS.get(token[0]) : undefined
    const rest = first === undefined ? token : token.slice(1)
    const last = rest.length > 1 ? GAPS.get(rest[rest.length - 1]) : undefined
    tokens.push(last === undefined ? rest : rest.slice(0, -1))
    if (first !== undefined) asked[i] = first
    if (last !== undefined) asked[i + 1] = last
  })
  const gaps = conventionalGaps(tokens, language)
  return tokens.map((token, i) => (i === 0 ? '' : (asked[i] ?? gaps[i])) + token).join('')
}

/** The white space that begins at a place. */
function whiteSpaceAt(line: string, at: number): string {
  const visible = (code: number) => code > 0x20 && code < 0x7f
  const code = line.charCodeAt(at)
  if (visible(code)) return ''
  if (code === 0x20 && visible(line.charCodeAt(at + 1))) return ' '
  WHITE_SPACE.lastIndex = at
  return WHITE_SPACE.exec(line)?.[0] ?? ''
}

/** What stands before each token of a line. White space of other kinds counts as a space. */
function gapsOf(line: string, tokens: readonly string[]): Gap[] {
  let at = 0
  return tokens.map((token, i) => {
    const space = whiteSpaceAt(line, at)
    at += space.length + token.length
    if (space === '' || i === 0) return ''
    // Beside signs and inside numbers a no-break space is a convention; between words it is an accident of the page that
    // the text was on, and a mark would make them rare words.
    const inNumber = NUMBER.test(tokens[i - 1]) && NUMBER.test(token)
    if (WORD.test(tokens[i - 1]) && WORD.test(token) && !inNumber) return ' '
    if (space.includes('\u202f')) return '\u202f'
    return space.includes('\u00a0') ? '\u00a0' : ' '
  })
}
