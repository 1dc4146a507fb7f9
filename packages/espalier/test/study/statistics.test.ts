import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meanInterval } from '../../src/study/statistics/mean-interval.ts'
import { partialSpearman, ranks, spearman, spearmanInterval } from '../../src/study/statistics/rank-correlation.ts'
import { trend } from '../../src/study/statistics/trend.ts'

describe("Spearman's correlation", () => {
  it('is 1 for what ascends together, -1 for what does not, 0 for what stands still', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 2 }), xs => {
        const against = (change: (x: number) => number) => spearman(xs, xs.map(change))
        expect(against(x => x ** 3)).toBeCloseTo(1)
        expect(against(x => -x)).toBeCloseTo(-1)
        expect(against(() => 1)).toBe(0)
      }),
    )
  })

  it('shares ranks among equals', () => {
    expect(ranks([3, 1, 3, 2, 3])).toEqual([4, 1, 4, 2, 4])
    // Worked out by hand: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5))
  })

  it('has the interval of Bonett and Wright', () => {
    // r = 0.5, n = 28: z = 0.5493, half = 1.96 √(1.125 / 25) = 0.4158.
    const [low, high] = spearmanInterval(0.5, 28)
    expect(low).toBeCloseTo(Math.tanh(0.5493 - 0.4158), 3)
    expect(high).toBeCloseTo(Math.tanh(0.5493 + 0.4158), 3)
    expect(spearmanInterval(1, 28)).toEqual([1, 1])
  })

  it('of what a third thing explains is nothing when that is held constant', () => {
    const z = Array.from({ length: 400 }, (_, i) => i)
    const noise = (seed: number) => (i: number) => ((i * seed) % 397) / 2
    const [x, y] = [z.map(i => i + noise(211)(i)), z.map(i => i + noise(89)(i))]
    expect(spearman(x, y)).toBeGreaterThan(0.6)
    expect(Math.abs(partialSpearman(x, y, z) ?? 1)).toBeLessThan(0.15)
    expect(partialSpearman(z, y, x)).toBeGreaterThan(0.5)
    expect(partialSpearman(x, y, x)).toBeUndefined()
  })
})

describe('a trend', () => {
  it('has the slope, the mean rank correlation and the exact probability', () => {
    // Two blocks of three in perfect order: 1 of 36 orders, on each side.
    const found = trend([
      [1, 2, 3],
      [0, 5, 10],
    ])
    expect(found?.slope).toBeCloseTo(3)
    expect(found?.correlation).toBeCloseTo(1)
    expect(found?.pValue).toBeCloseTo(2 / 36)
    expect(trend([])).toBeUndefined()
  })

  it('is as probable as counting all orders says, with equal numbers too', () => {
    const permutations = (xs: readonly number[]): number[][] =>
      xs.length < 2 ? [[...xs]] : xs.flatMap((x, i) => permutations(xs.toSpliced(i, 1)).map(rest => [x, ...rest]))
    const sum = (block: readonly number[]) => block.reduce((s, rank, i) => s + (i + 1) * 2 * rank, 0)
    const block = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 4 })
    fc.assert(
      fc.property(block, block, (a, b) => {
        const [ours, theirs] = [ranks(a), ranks(b)]
        const all = permutations(ours).flatMap(p => permutations(theirs).map(q => sum(p) + sum(q)))
        const found = sum(ours) + sum(theirs)
        const share = (test: (s: number) => boolean) => all.filter(test).length / all.length
        const expected = Math.min(
          1,
          2 *
            Math.min(
              share(s => s >= found),
              share(s => s <= found),
            ),
        )
        expect(trend([a, b])?.pValue).toBeCloseTo(expected)
      }),
      { numRuns: 40 },
    )
  })

  it('of long blocks is tested by the normal approximation, near to the exact one', () => {
    const ascending = Array.from({ length: 11 }, (_, i) => i)
    // L = 506, its mean 396, its deviation 110 / √10: z = √10.
    expect(trend([ascending])?.pValue).toBeCloseTo(0.001565, 4)
    const mixed = [4, 0, 6, 1, 2, 8, 3, 9, 5, 7]
    // A block of equal numbers says nothing, but makes all be tested so.
    const [exact, approximate] = [trend([mixed]), trend([mixed, Array(11).fill(0)])]
    expect(Math.abs((approximate?.pValue ?? 1) - (exact?.pValue ?? 0))).toBeLessThan(0.02)
    expect(trend([Array(11).fill(7)])?.pValue).toBe(1)
  })
})

describe('the interval of a mean', () => {
  it("is Student's", () => {
    const { mean, bounds = [0, 0] } = meanInterval([1, 2, 3])
    expect([mean, ...bounds].map(x => x.toFixed(3))).toEqual(['2.000', '-0.484', '4.484'])
    // With 11 degrees of freedom the quantile is 2.2010.
    const many = meanInterval([...Array(6).fill(-1), ...Array(6).fill(1)])
    expect(many.bounds?.[1]).toBeCloseTo((2.201 * Math.sqrt(12 / 11)) / Math.sqrt(12), 2)
    expect(meanInterval([5])).toEqual({ mean: 5 })
  })
})
