/** A visitor's text as sentences. */

/** More than this is left out while somebody types: a page is not the place to translate books. */
const MOST_CHARACTERS = 20_000
const MOST_SENTENCES = 40

export interface Sentences {
  /** All that was typed. */
  readonly text: string
  /** The sentences of each line. */
  readonly lines: readonly (readonly string[])[]
  readonly all: readonly string[]
  /** Whether the end of the text was left out. */
  readonly cut: boolean
}

export function readSentences(text: string, most = MOST_SENTENCES): Sentences {
  const lines: string[][] = []
  let [left, cut] = [most, text.length > MOST_CHARACTERS]
  for (const line of text.slice(0, MOST_CHARACTERS).split(/\r?\n/u)) {
    const sentences = splitSentences(line)
    if (sentences.length > left) cut = true
    lines.push(sentences.slice(0, left))
    left -= Math.min(left, sentences.length)
  }
  return { text, lines, all: lines.flat(), cut }
}

function splitSentences(line: string): string[] {
  if (typeof Intl.Segmenter === 'undefined') return line.trim() === '' ? [] : [line.trim()]
  const segments = new Intl.Segmenter('en', { granularity: 'sentence' }).segment(line)
  return joinTitles([...segments].map(({ segment }) => segment.trim()).filter(segment => segment !== ''))
}

/** "Mr. Weber" is no end of a sentence. */
function joinTitles(segments: readonly string[]): string[] {
  const sentences: string[] = []
  for (const segment of segments) {
    const before = sentences.at(-1)
    if (before !== undefined && /\b(?:Mr|Mrs|Ms|Dr|Prof|St)\.$/u.test(before))
      sentences[sentences.length - 1] += ` ${segment}`
    else sentences.push(segment)
  }
  return sentences
}

/** Translations put together as their sentences stood. */
export function joinLines({ lines }: Sentences, translations: readonly string[]): string {
  let next = 0
  return lines
    .map(line => line.map(() => translations[next++] ?? '').join(' '))
    .join('\n')
    .trimEnd()
}
