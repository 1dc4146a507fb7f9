/**
 * Exact selection of the lowest scores, in linear time and bounded memory: two histograms over the scores' bit patterns
 * (floats that are not negative are ordered as their bits are), then one pass that marks. Scores of single weights are
 * made in pieces that stay in the cache, never as a whole array.
 */
import { bitsOf, type WriteScores } from './scores.ts'
import type { WeightTensor } from './weights.ts'

/** A tensor, the score of its weights, and which of them are pruned already (0). */
export interface Candidates {
  readonly tensor: WeightTensor
  /** Scores that are not negative. */
  readonly score: WriteScores
  readonly unpruned?: Uint8Array
}

/** Groups of weights of a tensor: their scores, and how many weights each would prune. */
export interface Groups {
  /** Not negative, not NaN. */
  readonly scores: Float32Array
  /** Unpruned weights of each group; 0 where the whole group is pruned already. */
  readonly sizes: Uint32Array
}

const PIECE = 1 << 12
const BINS = 1 << 16
const INFINITY_BITS = 0x7f800000

/** Calls `visit` with the keys of piece after piece: the scores' bits, or with a mask 0 for a pruned weight and else 1 more. */
function forEachPiece(
  { tensor, score, unpruned }: Candidates,
  shift: 0 | 1,
  visit: (keys: Uint32Array, start: number) => void,
): void {
  const scores = new Float32Array(PIECE)
  const bits = bitsOf(scores)
  for (let start = 0; start < tensor.data.length; start += PIECE) {
    const size = Math.min(PIECE, tensor.data.length - start)
    score(tensor, start, size === PIECE ? scores : scores.subarray(0, size))
    const keys = size === PIECE ? bits : bits.subarray(0, size)
    if (shift === 1) for (let i = 0; i < size; i++) keys[i] = (keys[i] + 1) * (unpruned ? unpruned[start + i] : 1)
    visit(keys, start)
  }
}

/**
 * Chooses the `count` lowest of all candidates together: those already pruned first, then the lowest scores; among equal
 * scores those of earlier tensors and positions.
 * @param onNonFinite called before anything is chosen, if a score is infinite or NaN
 * @returns for each candidate one byte a weight: 1 where it is kept, 0 where it is pruned
 */
export function selectLowest(candidates: readonly Candidates[], count: number, onNonFinite?: () => void): Uint8Array[] {
  if (count === 0) return candidates.map(({ tensor }) => new Uint8Array(tensor.data.length).fill(1))
  const high = new Uint32Array(BINS)
  const shift = candidates.some(({ unpruned }) => unpruned) ? 1 : 0
  for (const candidate of candidates) forEachPiece(candidate, shift, keys => countHigh(keys, high))
  if (onNonFinite && high.subarray(INFINITY_BITS >>> 16).some(n => n > 0)) onNonFinite()
  const [highDigit, belowHigh] = binAt(high, count)
  const low = new Uint32Array(BINS)
  for (const candidate of candidates) forEachPiece(candidate, shift, keys => countLow(keys, highDigit, low))
  const [lowDigit, belowLow] = binAt(low, count - belowHigh)
  const last = highDigit * BINS + lowDigit
  // All below `last` are pruned, and so many of those equal to it.
  let ties = count - belowHigh - belowLow
  return candidates.map(candidate => {
    const kept = new Uint8Array(candidate.tensor.data.length)
    forEachPiece(candidate, shift, (keys, start) => {
      const equal = markAbove(keys, last, kept, start)
      if (equal > ties) for (let i = 0; i < keys.length; i++) if (keys[i] === last && --ties < 0) kept[start + i] = 1
      ties = Math.max(0, equal > ties ? 0 : ties - equal)
    })
    return kept
  })
}

/**
 * Chooses whole groups, the lowest scores first, until as near to `target` weights are pruned as whole groups allow; of
 * two equally near, the more. Among equal scores those of earlier tensors and positions are pruned.
 * @param target weights to prune, beyond those that are pruned already
 * @returns for each tensor one byte a group: 1 where it is kept, 0 where it is pruned
 */
export function selectLowestGroups(tensors: readonly Groups[], target: number): Uint8Array[] {
  if (target <= 0) return tensors.map(({ sizes }) => Uint8Array.from(sizes, size => Math.min(size, 1)))
  const high = new Float64Array(BINS)
  for (const { scores, sizes } of tensors) {
    const keys = bitsOf(scores)
    for (let i = 0; i < keys.length; i++) high[keys[i] >>> 16] += sizes[i]
  }
  const [highDigit, belowHigh] = binAt(high, target)
  const low = new Float64Array(BINS)
  for (const { scores, sizes } of tensors) {
    const keys = bitsOf(scores)
    for (let i = 0; i < keys.length; i++) if (keys[i] >>> 16 === highDigit) low[keys[i] & 0xffff] += sizes[i]
  }
  const [lowDigit, belowLow] = binAt(low, target - belowHigh)
  const last = highDigit * BINS + lowDigit
  let left = target - belowHigh - belowLow
  return tensors.map(({ scores, sizes }) => {
    const keys = bitsOf(scores)
    const kept = new Uint8Array(keys.length)
    for (let i = 0; i < keys.length; i++) {
      if (sizes[i] === 0 || keys[i] < last) continue
      // Of the groups that tie, those that fit are pruned, and the next if that is nearer to the target.
      if (keys[i] === last && sizes[i] <= 2 * left) left -= sizes[i]
      else {
        kept[i] = 1
        if (keys[i] === last) left = 0
      }
    }
    return kept
  })
}

function countHigh(keys: Uint32Array, histogram: Uint32Array): void {
  for (let i = 0; i < keys.length; i++) histogram[keys[i] >>> 16]++
}

function countLow(keys: Uint32Array, highDigit: number, histogram: Uint32Array): void {
  for (let i = 0; i < keys.length; i++) if (keys[i] >>> 16 === highDigit) histogram[keys[i] & 0xffff]++
}

/**
 * Marks keys above `last` with 1, without a branch that could be mispredicted: keys have 31 bits, so the sign of a
 * difference tells which is larger.
 * @returns how many keys equal `last`
 */
function markAbove(keys: Uint32Array, last: number, kept: Uint8Array, start: number): number {
  let equal = 0
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] | 0
    kept[start + i] = (last - key) >>> 31
    equal += ((key ^ last) - 1) >>> 31
  }
  return equal
}

/** The first bin up to which the histogram counts `count` or more, and what the bins before it count. */
function binAt(histogram: Uint32Array | Float64Array, count: number): [bin: number, below: number] {
  let below = 0
  for (let bin = 0; bin < histogram.length; bin++) {
    if (below + histogram[bin] >= count) return [bin, below]
    below += histogram[bin]
  }
  throw new RangeError(`${count} of ${below}`)
}
