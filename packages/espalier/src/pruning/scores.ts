/** Scores: how much a weight is worth keeping. The lowest go. */
import { Random } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import { standardDeviation, type WeightClass, type WeightTensor } from './weights.ts'

/** Writes the scores of weights [start, start + out.length) of a tensor. */
export type WriteScores = (tensor: WeightTensor, start: number, out: Float32Array) => void

/** A score of single weights, from which that of a block follows. */
export interface Score {
  readonly write: WriteScores
  /** Whether scores have a sign: then a block's score is their sum, and else their Euclidean norm. */
  readonly signed: boolean
}

/** Scores that training gathers, step by step; see {@link gatheredIncrement} of the training step. */
export const GATHERED = ['taylor', 'movement'] as const
export type GatheredName = (typeof GATHERED)[number]
export type ScoreName = 'magnitude' | 'standardised-magnitude' | 'random' | GatheredName

/** What training gathered, by tensor name. */
export interface GatheredScores {
  readonly kind: GatheredName
  readonly tensors: ReadonlyMap<string, Float32Array>
}

/** Stream of the random numbers of random pruning. */
const RANDOM_STREAM = 3

/** The score of a class's weights. @throws UserError `no-scores` where it has to be gathered and is not */
export function scoreOf(name: ScoreName, weightClass: WeightClass, seed: number, gathered?: GatheredScores): Score {
  switch (name) {
    case 'magnitude':
      return { write: magnitude, signed: false }
    case 'standardised-magnitude':
      return { write: standardised(weightClass), signed: false }
    case 'random':
      return { write: random(seed), signed: false }
    case 'taylor':
    case 'movement':
      return { write: fromTraining(name, gathered), signed: name === 'movement' }
    default:
      return name satisfies never
  }
}

/** |w| */
export const magnitude: WriteScores = ({ data }, start, out) => {
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(data[start + i])
}

/** |w| / σ of the class: the lowest of all classes together are those below λσ in each, for the same λ. */
function standardised(weightClass: WeightClass): WriteScores {
  const sigma = standardDeviation(weightClass)
  if (sigma === 0) return magnitude
  return ({ data }, start, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.abs(data[start + i]) / sigma
  }
}

/** Uniform in [0, 1), drawn from (seed, tensor, position). */
function random(seed: number): WriteScores {
  return ({ name }, start, out) => {
    const draw = new Random(seed, RANDOM_STREAM + hash(name), start)
    for (let i = 0; i < out.length; i++) out[i] = draw.uniform()
  }
}

function fromTraining(name: GatheredName, gathered: GatheredScores | undefined): WriteScores {
  if (gathered?.kind !== name)
    throw new UserError(
      'no-scores',
      `the scheme ${name} needs scores that training gathered, and the model has ${gathered ? `those of ${gathered.kind}` : 'none'}: retrain it with --set training.gather=${name}`,
    )
  return (tensor, start, out) => {
    const scores = gathered.tensors.get(tensor.name)
    if (!scores) throw new UserError('no-scores', `no ${name} scores were gathered for ${tensor.name}`)
    out.set(scores.subarray(start, start + out.length))
  }
}

/**
 * Numbers of either sign as numbers that are not negative, in the same order: their bits made to ascend with the number,
 * and the lowest of them dropped, as selection takes bits for order and wants the sign's free.
 */
export function unsignedOrder(out: Float32Array): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length)
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]
    // NaN stays NaN, so that it is noticed.
    if ((b & 0x7fffffff) <= 0x7f800000) bits[i] = ascending(b)
  }
}
/** Finite numbers and infinities end below 0x7f800000: positive ones begin at 0x3fc00000. */
const ascending = (b: number) => (b >>> 31 ? (0x7f800000 - (b & 0x7fffffff)) >>> 1 : (0x7f800000 + b) >>> 1)

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
