/** Scores: how much a weight is worth keeping. The lowest are pruned. */
import { Random } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import { RANDOM_STREAMS } from '../random-streams.ts'
import { refuseNonFinite } from './finite.ts'
import { standardDeviation, type WeightClass, type WeightTensor } from './weights.ts'

/** Writes the scores of weights [start, start + out.length) of a tensor. */
export type WriteScores = (tensor: WeightTensor, start: number, out: Float32Array) => void

/** A score of single weights, from which that of a block follows. */
export interface Score {
  readonly write: WriteScores
  /** Whether scores have a sign: then a block's score is their mean, else their root mean square. */
  readonly signed: boolean
  /** Whether NaN and infinite weights have scores that are NaN or infinite. */
  readonly showsNonFinite: boolean
}

/** Importance scores are accumulated in training, update by update. */
export const IMPORTANCE_KINDS = ['taylor', 'movement'] as const
export type ImportanceKind = (typeof IMPORTANCE_KINDS)[number]
export type ScoreName = 'magnitude' | 'standardised-magnitude' | 'random' | ImportanceKind

/** Importance scores by tensor name, one a weight. */
export interface ImportanceScores {
  readonly kind: ImportanceKind
  readonly tensors: ReadonlyMap<string, Float32Array>
}

/** Random scores are drawn in chunks of a tensor, each a step of its own of the random stream. */
const RANDOM_CHUNK = 4096

/** The score of a class's weights. @throws UserError `no-scores`, `not-finite`: importance scores that do not serve */
export function scoreOf(name: ScoreName, weightClass: WeightClass, seed: number, importance?: ImportanceScores): Score {
  switch (name) {
    case 'magnitude':
      return { write: magnitude, signed: false, showsNonFinite: true }
    case 'standardised-magnitude':
      return { write: standardised(weightClass), signed: false, showsNonFinite: true }
    case 'random':
      return { write: random(seed), signed: false, showsNonFinite: false }
    case 'taylor':
    case 'movement':
      return {
        write: importanceScore(name, weightClass, importance),
        signed: name === 'movement',
        showsNonFinite: false,
      }
    default:
      return name satisfies never
  }
}

/** |w| */
const magnitude: WriteScores = ({ data }, start, out) => {
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

/** Uniform in [0, 1], a function of (seed, tensor, position). */
function random(seed: number): WriteScores {
  const drawChunk = (name: string, start: number, scores: Float32Array) => {
    new Random(seed ^ hash(name), RANDOM_STREAMS.randomPruning, start).fillUniform(scores, 0, 1)
  }
  // The last chunk that was drawn: rows of blocks and patterns ask for less than a chunk at a time.
  const chunk = new Float32Array(RANDOM_CHUNK)
  let [chunkName, chunkStart] = ['', -1]
  return ({ name }, start, out) => {
    if (start % RANDOM_CHUNK === 0 && out.length === RANDOM_CHUNK) return drawChunk(name, start, out)
    for (let done = 0; done < out.length; ) {
      const offset = (start + done) % RANDOM_CHUNK
      if (name !== chunkName || start + done - offset !== chunkStart) {
        chunkName = name
        chunkStart = start + done - offset
        drawChunk(name, chunkStart, chunk)
      }
      const size = Math.min(out.length - done, RANDOM_CHUNK - offset)
      out.set(chunk.subarray(offset, offset + size), done)
      done += size
    }
  }
}

function importanceScore(
  name: ImportanceKind,
  { tensors }: WeightClass,
  importance: ImportanceScores | undefined,
): WriteScores {
  if (importance?.kind !== name)
    throw new UserError(
      'no-scores',
      `the scheme ${name} needs ${name} scores from training, and the model has ${importance ? `those of ${importance.kind}` : 'none'}: ` +
        `retrain it with --set training.gather=${name}`,
    )
  const scores = new Map(
    tensors.map(tensor => {
      const data = importance.tensors.get(tensor.name)
      if (data?.length !== tensor.data.length)
        throw new UserError('no-scores', `there are no ${name} scores of ${tensor.name}, or not one for each weight`)
      return [tensor.name, { shape: tensor.shape, data }] as const
    }),
  )
  refuseNonFinite(scores, `${name} scores`)
  return (tensor, start, out) => {
    const data = scores.get(tensor.name)?.data
    if (data) out.set(data.subarray(start, start + out.length))
  }
}

export const bitsOf = (floats: Float32Array) => new Uint32Array(floats.buffer, floats.byteOffset, floats.length)

/**
 * Maps floats of either sign to floats that are not negative, in the same order: selection compares bit patterns as
 * unsigned 31-bit keys. The lowest bit is lost, so neighbouring floats may become equal.
 */
export function toUnsignedOrder(scores: Float32Array): void {
  const bits = bitsOf(scores)
  for (let i = 0; i < bits.length; i++) bits[i] = ascending(bits[i])
}
/** Finite numbers and infinities end below 0x7f800000: positive ones begin at 0x3fc00000. */
const ascending = (b: number) => (b >>> 31 ? (0x7f800000 - (b & 0x7fffffff)) >>> 1 : (0x7f800000 + b) >>> 1)

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h
}
