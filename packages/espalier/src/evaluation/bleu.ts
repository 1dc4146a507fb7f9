/** BLEU (Papineni, Roukos, Ward & Zhu 2002) as sacreBLEU computes it (Post 2018). */
import { countNgrams, type Metric, SIGNATURE_VERSION } from './metric.ts'
import { type ScoreTokenizer, tokenizeForScore } from './tokenizers.ts'

const ORDER = 4

export interface BleuOptions {
  readonly tokenizer?: ScoreTokenizer
  readonly lowercase?: boolean
  /** Orders that the text is too short for are left out: for single sentences. */
  readonly effectiveOrder?: boolean
}

/** What BLEU is made of. */
export interface BleuDetails {
  readonly score: number
  /** Per order, in percent. */
  readonly precisions: number[]
  readonly brevityPenalty: number
  readonly hypothesisLength: number
  readonly referenceLength: number
}

/** Statistics: hypothesis length, closest reference length, then for each order matches and n-grams. */
export function bleu({ tokenizer = '13a', lowercase = false, effectiveOrder = false }: BleuOptions = {}): Metric {
  const words = (line: string) => tokenizeForScore((lowercase ? line.toLowerCase() : line).trimEnd(), tokenizer)
  return {
    name: 'BLEU',
    signature: `case:${lowercase ? 'lc' : 'mixed'}|eff:${effectiveOrder ? 'yes' : 'no'}|tok:${tokenizer}|smooth:exp|version:${SIGNATURE_VERSION}`,
    higherIsBetter: true,
    statistics: (hypothesis, references) => bleuStatistics(words(hypothesis), references.map(words)),
    score: statistics => bleuDetails(statistics, effectiveOrder).score,
  }
}

function bleuStatistics(hypothesis: string[], references: string[][]): number[] {
  const lengths = references.map(r => r.length)
  const distance = (n: number) => Math.abs(n - hypothesis.length)
  const closest = lengths.reduce((best, n) => {
    const difference = distance(n) - distance(best)
    return difference < 0 || (difference === 0 && n < best) ? n : best
  })
  const statistics = [hypothesis.length, closest]
  for (let order = 1; order <= ORDER; order++) {
    const most = new Map<string, number>()
    for (const reference of references)
      for (const [ngram, n] of countNgrams(reference, order, ' ')) most.set(ngram, Math.max(n, most.get(ngram) ?? 0))
    let matches = 0
    for (const [ngram, n] of countNgrams(hypothesis, order, ' ')) matches += Math.min(n, most.get(ngram) ?? 0)
    statistics.push(matches, Math.max(0, hypothesis.length - order + 1))
  }
  return statistics
}

/** The score of summed statistics: exponential smoothing of orders without a match (Chen & Cherry 2014, method 3). */
export function bleuDetails(statistics: ArrayLike<number>, effectiveOrder = false): BleuDetails {
  const [hypothesisLength, referenceLength] = [statistics[0], statistics[1]]
  const brevityPenalty =
    hypothesisLength >= referenceLength
      ? 1
      : hypothesisLength > 0
        ? Math.exp(1 - referenceLength / hypothesisLength)
        : 0
  const precisions = new Array<number>(ORDER).fill(0)
  let orders = effectiveOrder ? 0 : ORDER
  let smoothing = 1
  let anyMatch = false
  for (let n = 0; n < ORDER; n++) {
    const [matches, total] = [statistics[2 + 2 * n], statistics[3 + 2 * n]]
    if (total === 0) break
    if (effectiveOrder) orders = n + 1
    if (matches > 0) anyMatch = true
    else smoothing *= 2
    precisions[n] = matches > 0 ? (100 * matches) / total : 100 / (smoothing * total)
  }
  const logarithms = precisions.slice(0, orders).map(p => (p === 0 ? -9999999999 : Math.log(p)))
  const mean = logarithms.reduce((a, b) => a + b, 0) / orders
  const score = anyMatch ? brevityPenalty * Math.exp(mean) : 0
  return {
    score,
    precisions: anyMatch ? precisions : precisions.fill(0),
    brevityPenalty,
    hypothesisLength,
    referenceLength,
  }
}
