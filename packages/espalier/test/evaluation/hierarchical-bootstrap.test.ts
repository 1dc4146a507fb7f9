import { Random } from '@espalier/engine'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pairedBootstrap, type SampledScore, sampleScores } from '../../src/evaluation/bootstrap.ts'
import { compareSeeds, estimateSeeds, spread } from '../../src/evaluation/hierarchical-bootstrap.ts'

/** The mean of a number for each sentence, as a metric. */
const mean = { score: (sums: ArrayLike<number>) => sums[0] / sums[1] }
const statistics = (numbers: readonly number[]) => numbers.map(x => [x, 1])
const sampled = (numbers: readonly number[]) => sampleScores(mean, [statistics(numbers)])[0]

/** Numbers with a normal distribution (Box & Muller 1958). */
function normal(count: number, seed: number): number[] {
  const random = new Random(seed, 7)
  return Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform()),
  )
}

/** A standard deviation that an interval of 95 % belongs to, if samples are normal. */
const widthOf = ({ low, high }: { low: number; high: number }) => (high - low) / (2 * 1.96)

describe('the hierarchical bootstrap', () => {
  it('of one seed is the paired bootstrap, to the bit', () => {
    const sentences = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), {
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(sentences, pairs => {
        const [baseline, system] = [0, 1].map(side => pairs.map(pair => pair[side]))
        const [, expected] = pairedBootstrap(mean, [statistics(baseline), statistics(system)])
        const { mean: score, deviation, low, high } = estimateSeeds([sampled(system)])
        expect([score, deviation, low, high]).toEqual([expected.score, undefined, expected.low, expected.high])
        expect(compareSeeds([sampled(system)], [sampled(baseline)]).pValue).toBe(expected.pValue)
      }),
      { numRuns: 30 },
    )
  })

  it('finds no difference between a system and itself, and the negative the other way round', () => {
    const ours = [1, 2, 3].map(seed => sampled(normal(40, seed)))
    const theirs = [4, 5, 6].map(seed => sampled(normal(40, seed)))
    expect(compareSeeds(ours, ours)).toEqual({ difference: 0, low: 0, high: 0, pValue: 1 })
    const [there, back] = [compareSeeds(ours, theirs), compareSeeds(theirs, ours)]
    expect(back.difference).toBe(-there.difference)
    expect([back.low, back.high]).toEqual([-there.high, -there.low])
    expect(back.pValue).toBe(there.pValue)
  })

  it('has the error of a mean over seeds where sentences do not matter: not too small, for all that seeds are few', () => {
    const samples = 4000
    const constant = (score: number): SampledScore => ({ score, samples: new Float64Array(samples).fill(score) })
    for (const seeds of [4, 8, 30]) {
      const scores = normal(seeds, 3)
      const { deviation } = spread(scores)
      expect(widthOf(estimateSeeds(scores.map(constant))) / (deviation! / Math.sqrt(seeds))).toBeCloseTo(1, 0)
    }
    // The variance of the samples is s^2 / n; drawing n seeds, and not n - 1, it would be a third smaller here.
    const three = [1, 2, 6].map(constant)
    const means = three.flatMap(a => three.map(b => (a.score + b.score) / 2))
    expect(spread(means).deviation! ** 2 * (8 / 9)).toBeCloseTo(spread([1, 2, 6]).deviation! ** 2 / 3)
    const { low, high } = estimateSeeds(three)
    expect([low, high]).toEqual([1, 6])
  })

  it('has the error of a mean over sentences where seeds do not matter', () => {
    const numbers = normal(200, 5)
    const one = sampled(numbers)
    expect(widthOf(estimateSeeds([one, one, one]))).toBeCloseTo(spread(numbers).deviation! / Math.sqrt(200), 1)
  })

  it('compares the models of one seed with each other: what a seed adds to both is no difference', () => {
    const sentences = normal(50, 8)
    const of = (shift: number) => sampled(sentences.map(x => x + shift))
    const [theirs, ours] = [[0, 5, -5].map(of), [1, 6, -4].map(of)]
    expect(widthOf(estimateSeeds(theirs))).toBeGreaterThan(2)
    const { difference, low, high, pValue } = compareSeeds(ours, theirs)
    for (const x of [difference, low, high]) expect(x).toBeCloseTo(1)
    expect(pValue).toBeLessThan(0.01)
  })
})
