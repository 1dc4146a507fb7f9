/** chrF and chrF++ (Popović 2015, 2017) as sacreBLEU computes them. */
import { countNgrams, type Metric, SIGNATURE_VERSION } from './metric.ts'
import { splitWords } from './tokenizers.ts'

const CHARACTER_ORDER = 6
const BETA_SQUARED = 4
const EPSILON = 1e-16
const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')

export interface ChrfOptions {
  /** Longest word n-grams: 0 for chrF, 2 for chrF++. */
  readonly wordOrder?: number
  readonly lowercase?: boolean
}

/** Statistics: for each order n-grams of the hypothesis, of the reference, and matches; characters first, then words. */
export function chrf({ wordOrder = 0, lowercase = false }: ChrfOptions = {}): Metric {
  const ngrams = (line: string) => allNgrams(lowercase ? line.toLowerCase() : line, wordOrder)
  return {
    name: wordOrder === 0 ? 'chrF2' : 'chrF2++',
    signature: `case:${lowercase ? 'lc' : 'mixed'}|eff:yes|nc:${CHARACTER_ORDER}|nw:${wordOrder}|space:no|version:${SIGNATURE_VERSION}`,
    higherIsBetter: true,
    statistics(hypothesis, references) {
      const ours = ngrams(hypothesis)
      const candidates = references.map(reference => matchStatistics(ours, ngrams(reference)))
      return candidates.reduce((best, s) => (fScore(s) > fScore(best) ? s : best))
    },
    score: fScore,
  }
}

function allNgrams(line: string, wordOrder: number): Map<string, number>[] {
  const words = splitWords(line)
  const characters = Array.from(words.join(''))
  const counts = Array.from({ length: CHARACTER_ORDER }, (_, i) => countNgrams(characters, i + 1, ''))
  if (wordOrder === 0) return counts
  const apart = words.flatMap(separatePunctuation)
  return [...counts, ...Array.from({ length: wordOrder }, (_, i) => countNgrams(apart, i + 1, ' '))]
}

/** One mark of punctuation at a word's end, or else at its beginning, stands apart. */
function separatePunctuation(word: string): string[] {
  const characters = Array.from(word)
  if (characters.length === 1) return [word]
  if (PUNCTUATION.has(characters.at(-1)!)) return [characters.slice(0, -1).join(''), characters.at(-1)!]
  if (PUNCTUATION.has(characters[0])) return [characters[0], characters.slice(1).join('')]
  return [word]
}

function matchStatistics(hypothesis: Map<string, number>[], reference: Map<string, number>[]): number[] {
  const total = (counts: Map<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0)
  return hypothesis.flatMap((counts, order) => {
    let matches = 0
    for (const [ngram, n] of counts) matches += Math.min(n, reference[order].get(ngram) ?? 0)
    return [reference[order].size > 0 ? total(counts) : 0, total(reference[order]), matches]
  })
}

/** F with β = 2 of the precision and recall averaged over the orders that both texts have. */
function fScore(statistics: ArrayLike<number>): number {
  let [precision, recall, orders] = [0, 0, 0]
  for (let i = 0; i < statistics.length; i += 3) {
    const [ours, theirs, matches] = [statistics[i], statistics[i + 1], statistics[i + 2]]
    if (ours <= 0 || theirs <= 0) continue
    precision += matches / ours
    recall += matches / theirs
    orders++
  }
  if (orders === 0 || precision + recall < EPSILON) return 0
  const [p, r] = [precision / orders, recall / orders]
  return (100 * (1 + BETA_SQUARED) * p * r) / (BETA_SQUARED * p + r)
}
