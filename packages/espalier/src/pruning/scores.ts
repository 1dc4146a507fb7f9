/** Scores: how much a weight is worth keeping. The lowest go. */
import { Random } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import { standardDeviation, type WeightClass, type WeightTensor } from './weights.ts'

/**
 * Writes the scores of weights [start, start + out.length) of a tensor. Scores are not negative; infinities are allowed.
 */
export type Score = (tensor: WeightTensor, start: number, out: Float32Array) => void

export type ScoreName = 'magnitude' | 'standardised-magnitude' | 'random'

/** Stream of the random numbers of random pruning. */
const RANDOM_STREAM = 3

/** The score of a class's weights. */
export function scoreOf(name: ScoreName, weightClass: WeightClass, seed: number): Score {
  switch (name) {
    case 'magnitude':
      return magnitude
    case 'standardised-magnitude':
      return standardised(weightClass)
    case 'random':
      return random(seed)
    default:
      return name satisfies never
  }
}

/** |w| */
const magnitude: Score = ({ data }, start, out) => {
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(data[start + i])
}

/** |w| / σ of the class: the lowest of all classes together are those below λσ in each, for the same λ. */
function standardised(weightClass: WeightClass): Score {
  const sigma = standardDeviation(weightClass)
  if (sigma === 0) return magnitude
  return ({ data }, start, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.abs(data[start + i]) / sigma
  }
}

/** Uniform in [0, 1), drawn from (seed, tensor, position). */
function random(seed: number): Score {
  return ({ name }, start, out) => {
    const draw = new Random(seed, RANDOM_STREAM + hash(name), start)
    for (let i = 0; i < out.length; i++) out[i] = draw.uniform()
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h
}

/** @throws UserError `not-a-number` where a score cannot be ordered */
export function rejectNaN(tensor: string, index: number): never {
  throw new UserError('not-a-number', `${tensor}: weight ${index} is NaN; a model that diverged cannot be pruned`)
}
