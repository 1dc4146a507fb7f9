/** Whether a difference is real: paired bootstrap resampling (Koehn 2004). */
import { Random } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import { RANDOM_STREAMS } from '../random-streams.ts'
import type { Metric } from './metric.ts'

/** A system's score over the samples. */
export interface BootstrapResult {
  readonly score: number
  readonly mean: number
  /** Half the width of the interval that 95 % of the samples lie in. */
  readonly confidence: number
  readonly low: number
  readonly high: number
  /** Probability of a difference from the baseline as large as this by chance; undefined for the baseline itself. */
  readonly pValue?: number
}

/** A system's score on a text, and on samples of the text's sentences. */
export interface SampledScore {
  readonly score: number
  readonly samples: Float64Array
}

export interface SamplingOptions {
  /** Default 1000. */
  readonly samples?: number
  readonly seed?: number
}

const SAMPLES = 1000
const SEED = 12345

/**
 * Scores systems on the same samples of sentences, drawn with replacement.
 * @param systems each system's per-sentence statistics; the first system is the baseline
 * @returns for each system its interval, and the p-value of its difference from the baseline: the share of samples in
 *   which the difference departs from its mean by at least the difference observed (as sacreBLEU computes it)
 */
export function pairedBootstrap(
  metric: Pick<Metric, 'score'>,
  systems: readonly (readonly (readonly number[])[])[],
  options: SamplingOptions = {},
): BootstrapResult[] {
  const scored = sampleScores(metric, systems, options)
  return scored.map(({ score, samples }, system) => {
    const pValue = system === 0 ? undefined : differencePValue(scored[0].samples, samples, scored[0].score - score)
    return { score, ...interval(samples), pValue }
  })
}

/**
 * Scores systems on samples of a text's sentences. The samples are the same for the same number of sentences and the same seed,
 * whatever is scored.
 * @param systems each system's per-sentence statistics
 * @throws UserError `lengths-differ` where they are not of the same sentences, one at least
 */
export function sampleScores(
  metric: Pick<Metric, 'score'>,
  systems: readonly (readonly (readonly number[])[])[],
  { samples = SAMPLES, seed = SEED }: SamplingOptions = {},
): SampledScore[] {
  const sentences = systems[0]?.length ?? 0
  if (sentences === 0 || systems.some(statistics => statistics.length !== sentences))
    throw new UserError('lengths-differ', 'systems are compared on the same sentences, one at least')
  const width = systems[0][0].length
  const flat = systems.map(statistics => Float64Array.from(statistics.flat()))
  const scores = systems.map(() => new Float64Array(samples))
  const sum = new Float64Array(width)
  const drawn = new Int32Array(sentences)
  const random = new Random(seed, RANDOM_STREAMS.bootstrap)
  for (let sample = 0; sample < samples; sample++) {
    for (let i = 0; i < sentences; i++) drawn[i] = random.integer(sentences) * width
    flat.forEach((statistics, system) => {
      sum.fill(0)
      for (let i = 0; i < sentences; i++) for (let k = 0; k < width; k++) sum[k] += statistics[drawn[i] + k]
      scores[system][sample] = metric.score(sum)
    })
  }
  return systems.map((statistics, i) => ({ score: metric.score(sumStatistics(statistics)), samples: scores[i] }))
}

/** A mean over samples, and the interval that 95 % of them lie in. */
export function interval(scores: Float64Array): { mean: number; confidence: number; low: number; high: number } {
  const sorted = Float64Array.from(scores).sort()
  const cut = Math.floor(sorted.length / 40)
  const [low, high] = [sorted[cut], sorted[sorted.length - cut - 1]]
  return { mean: average(scores), confidence: (high - low) / 2, low, high }
}

/** The share of samples in which two systems' difference departs from its mean by at least the difference observed. */
export function differencePValue(baseline: Float64Array, system: Float64Array, observed: number): number {
  const differences = baseline.map((score, i) => Math.abs(score - system[i]))
  const mean = average(differences)
  const extreme = differences.filter(difference => Math.abs(difference - mean) >= Math.abs(observed)).length
  return (extreme + 1) / (differences.length + 1)
}

const average = (numbers: Float64Array) => numbers.reduce((a, b) => a + b, 0) / numbers.length

/** The sum over sentences. */
export function sumStatistics(statistics: readonly (readonly number[])[]): number[] {
  const sum = new Array<number>(statistics[0]?.length ?? 0).fill(0)
  for (const sentence of statistics) for (let k = 0; k < sum.length; k++) sum[k] += sentence[k]
  return sum
}
