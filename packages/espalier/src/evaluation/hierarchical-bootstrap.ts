/**
 * Scores of models that were trained several times, from several seeds: their means, and whether differences of means are real.
 *
 * Two things are left to chance, the seeds and the sentences, so both are drawn (the bootstrap of clusters: Davison & Hinkley
 * 1997, ch. 3.8). A sample has seeds, drawn with replacement, and sentences, drawn with replacement: the same sentences for all
 * seeds and all systems, since all translate one text (Owen 2007, "The pigeonhole bootstrap", of two crossed factors). Its score is
 * the mean over the drawn seeds of the corpus score on the drawn sentences. Systems are compared on the same samples: a derived
 * model is drawn together with the model of its own seed that it comes from.
 *
 * With n seeds, n - 1 are drawn: drawing n would make the variance of the mean too small by the factor (n - 1) / n, which is
 * 2 / 3 for three seeds (Rao & Wu 1988). With one seed it is the paired bootstrap.
 */
import { Random } from '@espalier/engine'
import { RANDOM_STREAMS } from '../random-streams.ts'
import { differencePValue, interval, type SampledScore } from './bootstrap.ts'

/** A mean over seeds. */
export interface Estimate {
  readonly mean: number
  /** Standard deviation over the seeds; none of one seed. */
  readonly deviation?: number
  /** The interval that 95 % of the samples lie in. */
  readonly low: number
  readonly high: number
}

/** A difference of means over seeds, with the interval that 95 % of the samples lie in. */
export interface Difference {
  readonly difference: number
  readonly low: number
  readonly high: number
  /** Probability of a difference as large as this by chance, as the paired bootstrap has it. */
  readonly pValue: number
}

/** The score of a system that was trained from several seeds. @param models one for each seed, sampled alike */
export function estimateSeeds(models: readonly SampledScore[]): Estimate {
  const { low, high } = interval(seedMeans(models))
  return { ...spread(models.map(({ score }) => score)), low, high }
}

/** One system's mean score minus another's. @param system @param baseline one model for each seed, in the same order */
export function compareSeeds(system: readonly SampledScore[], baseline: readonly SampledScore[]): Difference {
  if (system.length !== baseline.length) throw new Error(`${system.length} seeds against ${baseline.length}`)
  const [ours, theirs] = [seedMeans(system), seedMeans(baseline)]
  const mean = (models: readonly SampledScore[]) => spread(models.map(({ score }) => score)).mean
  const difference = mean(system) - mean(baseline)
  const { low, high } = interval(ours.map((score, i) => score - theirs[i]))
  return { difference, low, high, pValue: differencePValue(theirs, ours, difference) }
}

/** Mean, and standard deviation where there is more than one number. */
export function spread(numbers: readonly number[]): { mean: number; deviation?: number } {
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length
  if (numbers.length < 2) return { mean }
  const squares = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / (numbers.length - 1)) }
}

/** Decides which seeds samples have: the same for all systems. */
const SEED = 12345

/** The mean over each sample's seeds of the scores on its sentences. */
function seedMeans(models: readonly SampledScore[]): Float64Array {
  const [{ samples }] = models
  if (models.length === 1) return samples
  const random = new Random(SEED, RANDOM_STREAMS.bootstrapSeeds)
  return samples.map((_, sample) => {
    let sum = 0
    for (let draw = 1; draw < models.length; draw++) sum += models[random.integer(models.length)].samples[sample]
    return sum / (models.length - 1)
  })
}
