/** What all metrics are: statistics of each sentence that add up, and a score of their sum. */
import { VERSION } from '../version.ts'

/** A corpus-level metric. Statistics of sentences are vectors of one length; the score is a function of their sum. */
export interface Metric {
  readonly name: string
  /** How it was computed, in sacreBLEU's notation; the number of references is put in front. */
  readonly signature: string
  /** Whether more is better. */
  readonly higherIsBetter: boolean
  statistics(hypothesis: string, references: readonly string[]): number[]
  score(statistics: ArrayLike<number>): number
}

/** Stands where sacreBLEU puts its own version. */
export const SIGNATURE_VERSION = `espalier-${VERSION}`

/** Counts of all n-grams of one order. */
export function countNgrams(items: readonly string[], order: number, separator: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i + order <= items.length; i++) {
    const ngram = items.slice(i, i + order).join(separator)
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1)
  }
  return counts
}
