/**
 * Exact selection of the lowest scores, in linear time and bounded memory: two histograms over the scores' bit patterns
 * (floats that are not negative are ordered as their bits are), then one pass that marks. Scores are made in pieces
 * that stay in the cache, never as a whole array.
 */
import { rejectNaN, type WriteScores } from './scores.ts'
import type { WeightTensor } from './weights.ts'

/** A tensor, its score, and which of its weights are gone already (0). */
export interface Candidates {
  readonly tensor: WeightTensor
  /** Scores that are not negative; infinities are allowed. */
  readonly score: WriteScores
  readonly current?: Uint8Array
}

const PIECE = 1 << 12
const INFINITY_BITS = 0x7f800000

/** Calls `visit` with the ordering keys of piece after piece: the scores' bits, or 0 for a weight that is gone and else 1 more. */
function forEachPiece(
  { tensor, score, current }: Candidates,
  shift: 0 | 1,
  visit: (keys: Uint32Array, start: number) => void,
): void {
  const scores = new Float32Array(PIECE)
  const bits = new Uint32Array(scores.buffer)
  for (let start = 0; start < tensor.data.length; start += PIECE) {
    const size = Math.min(PIECE, tensor.data.length - start)
    score(tensor, start, size === PIECE ? scores : scores.subarray(0, size))
    const keys = size === PIECE ? bits : bits.subarray(0, size)
    if (shift === 1) for (let i = 0; i < size; i++) keys[i] = (keys[i] + 1) * (current ? current[start + i] : 1)
    visit(keys, start)
  }
}

/** Looks for the NaN that the histogram gave reason to suspect: infinity's bin holds it, or one beyond. */
function rejectUnordered(candidates: readonly Candidates[], shift: 0 | 1, high: Uint32Array): void {
  if (high.subarray(INFINITY_BITS >>> 16).every(n => n === 0)) return
  for (const candidate of candidates)
    forEachPiece(candidate, shift, (keys, start) => {
      const at = keys.findIndex(key => key > INFINITY_BITS + shift)
      if (at >= 0) rejectNaN(candidate.tensor.name, start + at)
    })
}

/**
 * Marks the `count` lowest of all candidates together: gone ones first, then the lowest scores; among equal scores those
 * of earlier tensors and positions.
 * @returns for each candidate, one byte a weight, 1 where it is kept; and the highest score that went (0 if none did)
 */
export function selectLowest(
  candidates: readonly Candidates[],
  count: number,
): { kept: Uint8Array[]; threshold: number } {
  if (count === 0)
    return { kept: candidates.map(({ tensor }) => new Uint8Array(tensor.data.length).fill(1)), threshold: 0 }
  const high = new Uint32Array(1 << 16)
  const shift = candidates.some(({ current }) => current) ? 1 : 0
  for (const candidate of candidates) forEachPiece(candidate, shift, keys => countHigh(keys, high))
  rejectUnordered(candidates, shift, high)
  const [highDigit, belowHigh] = digitAt(high, count)
  const low = new Uint32Array(1 << 16)
  for (const candidate of candidates) forEachPiece(candidate, shift, keys => countLow(keys, highDigit, low))
  const [lowDigit, belowLow] = digitAt(low, count - belowHigh)
  const last = highDigit * 65536 + lowDigit
  // All below `last` go, and so many of those equal to it.
  let ties = count - belowHigh - belowLow
  const kept = candidates.map(candidate => {
    const marks = new Uint8Array(candidate.tensor.data.length)
    forEachPiece(candidate, shift, (keys, start) => {
      const equal = markAbove(keys, last, marks, start)
      if (equal > ties) for (let i = 0; i < keys.length; i++) if (keys[i] === last && --ties < 0) marks[start + i] = 1
      ties = Math.max(0, equal > ties ? 0 : ties - equal)
    })
    return marks
  })
  return { kept, threshold: new Float32Array(Uint32Array.of(Math.max(0, last - shift)).buffer)[0] }
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
function markAbove(keys: Uint32Array, last: number, marks: Uint8Array, start: number): number {
  let equal = 0
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] | 0
    marks[start + i] = (last - key) >>> 31
    equal += ((key ^ last) - 1) >>> 31
  }
  return equal
}

/** The bin in which the count-th lowest lies, and how many lie in the bins before it. */
function digitAt(histogram: Uint32Array, count: number): [digit: number, below: number] {
  let below = 0
  for (let digit = 0; digit < histogram.length; digit++) {
    if (below + histogram[digit] >= count) return [digit, below]
    below += histogram[digit]
  }
  throw new RangeError(`${count} of ${below}`)
}
