/** sacreBLEU's tokenisers of the text that is scored (Post 2018). */

export type ScoreTokenizer = '13a' | 'intl' | 'none'

/** The tokeniser of scores that suits a model: none where its text is tokenised already, else 13a, sacreBLEU's default. */
export function defaultScoreTokenizer(tokenizers: { readonly target: { readonly kind: string } }): ScoreTokenizer {
  return tokenizers.target.kind === 'none' ? 'none' : '13a'
}

/** What Python's str.split() takes for space; JavaScript's \s differs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the information separators count as space there
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u

export function splitWords(line: string): string[] {
  return line.split(SPACE).filter(word => word !== '')
}

/** The words of a line as a scoring tokeniser cuts them. */
export function tokenizeForScore(line: string, tokenizer: ScoreTokenizer): string[] {
  switch (tokenizer) {
    case '13a':
      return splitWords(mteval13a(line))
    case 'intl':
      return splitWords(international(line))
    case 'none':
      return splitWords(line)
    default:
      return tokenizer satisfies never
  }
}

/** The tokenisation of NIST's mteval-v13a, without its SGML. */
function mteval13a(line: string): string {
  let text = line.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ')
  if (text.includes('&'))
    text = text.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  return ` ${text} `
    .replace(/([{-~[-` -&(-+:-@/])/gu, ' $1 ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ')
}

/** The tokenisation of mteval-v14's international mode. */
function international(line: string): string {
  return line
    .replace(/(\P{N})(\p{P})/gu, '$1 $2 ')
    .replace(/(\p{P})(\P{N})/gu, ' $1 $2')
    .replace(/(\p{S})/gu, ' $1 ')
}
