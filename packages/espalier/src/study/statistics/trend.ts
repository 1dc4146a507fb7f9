/** Whether numbers rise along an order, as losses with the depth of a layer: the slope, and a test that assumes no distribution. */
import { average } from './average.ts'
import { ranks, spearman } from './rank-correlation.ts'

export interface Trend {
  /** Mean slope of the blocks: how much more from one place of the order to the next. */
  readonly slope: number
  /** Mean rank correlation of the blocks with their order. */
  readonly correlation: number
  /** Two-sided: how probable a correlation at least as far from 0 is where the order does not matter. */
  readonly pValue: number
}

/** Blocks longer than this are tested by the normal approximation: the exact distribution takes time 2^length. */
const MOST_EXACT = 10

/**
 * Page's test for an ordered alternative (Page 1963, "Ordered hypotheses for multiple treatments", JASA 58), by the exact
 * distribution over all orders within each block. Its L grows with the mean rank correlation.
 * @param blocks numbers in the order that is asked about, two or more each; blocks are independent of each other
 * @returns undefined where there is no block
 */
export function trend(blocks: readonly (readonly number[])[]): Trend | undefined {
  if (blocks.length === 0) return undefined
  const doubled = blocks.map(doubledRanks)
  const exact = blocks.every(({ length }) => length <= MOST_EXACT)
  return {
    slope: average(blocks.map(slope)),
    correlation: average(blocks.map(block => spearman(placesOf(block), block))),
    pValue: exact ? exactProbability(doubled) : approximateProbability(doubled),
  }
}

const placesOf = (block: readonly number[]) => block.map((_, i) => i)

/** Twice the ranks: whole numbers even where ranks are shared. */
const doubledRanks = (block: readonly number[]) => ranks(block).map(rank => 2 * rank)

/** The least-squares slope of numbers over their places. */
function slope(block: readonly number[]): number {
  const [middle, mean] = [(block.length - 1) / 2, average(block)]
  const squares = placesOf(block).reduce((sum, i) => sum + (i - middle) ** 2, 0)
  return block.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0) / squares
}

/** Page's L of one block: Σ place × rank. */
const pageSum = (ranked: readonly number[]) => ranked.reduce((sum, rank, i) => sum + (i + 1) * rank, 0)

function exactProbability(blocks: readonly (readonly number[])[]): number {
  let chances = new Map([[0, 1]])
  for (const block of blocks) chances = sumOf(chances, pageDistribution(block))
  const found = blocks.reduce((sum, block) => sum + pageSum(block), 0)
  let [above, below] = [0, 0]
  for (const [value, chance] of chances) {
    if (value >= found) above += chance
    if (value <= found) below += chance
  }
  return Math.min(1, 2 * Math.min(above, below))
}

/** The distribution of Page's L of one block over all orders of its ranks. */
function pageDistribution(ranked: readonly number[]): Map<number, number> {
  const n = ranked.length
  // For each set of ranks, as bits, that may stand at the first places: the sums they can make there, and their chances.
  const bySet = new Map<number, Map<number, number>>([[0, new Map([[0, 1]])]])
  for (let set = 0; set < 2 ** n; set++) {
    const sums = bySet.get(set) ?? new Map<number, number>()
    const place = ranked.filter((_, i) => set & (1 << i)).length + 1
    ranked.forEach((rank, i) => {
      if (set & (1 << i)) return
      const next = bySet.get(set | (1 << i)) ?? new Map<number, number>()
      for (const [sum, chance] of sums) addTo(next, sum + place * rank, chance / (n - place + 1))
      bySet.set(set | (1 << i), next)
    })
    if (set < 2 ** n - 1) bySet.delete(set)
  }
  return bySet.get(2 ** n - 1) ?? new Map()
}

function addTo(chances: Map<number, number>, value: number, chance: number): void {
  chances.set(value, (chances.get(value) ?? 0) + chance)
}

/** The distribution of the sum of two independent numbers. */
function sumOf(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Map<number, number> {
  const sums = new Map<number, number>()
  for (const [x, p] of a) for (const [y, q] of b) addTo(sums, x + y, p * q)
  return sums
}

function approximateProbability(blocks: readonly (readonly number[])[]): number {
  let [distance, variance] = [0, 0]
  for (const block of blocks) {
    const [places, mean] = [block.map((_, i) => i + 1), average(block)]
    const spread = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + (x - average(numbers)) ** 2, 0)
    distance += pageSum(block) - places.reduce((sum, place) => sum + place * mean, 0)
    variance += (spread(places) * spread(block)) / (block.length - 1)
  }
  return variance === 0 ? 1 : twoSidedNormal(Math.abs(distance) / Math.sqrt(variance))
}

/** How probable a standard normal number at least so far from 0 is (Abramowitz & Stegun 1964, 7.1.26; within 1.5e-7). */
function twoSidedNormal(z: number): number {
  const x = z / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return series * Math.exp(-x * x)
}
