/**
 * Blocks: rectangles of a matrix's weights that are pruned together. A block of 1×8 is 8 consecutive inputs of one output,
 * for a matrix [outputs, inputs]; see {@link matrixShape} for other shapes. Where blocks do not divide a matrix, the last
 * block of a row or column is smaller. Blocks of any size compete by the score of a weight: the root mean square over the
 * block's unpruned weights, or the mean where scores have a sign.
 */
import { UserError } from '@espalier/runtime'
import { matrixShape } from '@espalier/runtime/packed'
import { type Score, toUnsignedOrder } from './scores.ts'
import type { Groups } from './select.ts'
import type { WeightTensor } from './weights.ts'

export interface Block {
  readonly rows: number
  readonly columns: number
}

/** Reads a text such as `1x8`. @throws UserError `block` */
export function parseBlock(text: string): Block {
  const match = /^([1-9]\d{0,3})[x×]([1-9]\d{0,3})$/u.exec(text)
  if (!match)
    throw new UserError('block', `--block ${text} is not rows x columns, as in 1x8, 1x4, 4x1 or 1x1 (single weights)`)
  return { rows: Number(match[1]), columns: Number(match[2]) }
}

/** The blocks of a tensor. */
export interface BlockGroups extends Groups {
  readonly tensor: WeightTensor
  readonly block: Block
  /** Whether no block is cut off at an edge, and none has some of its weights pruned already, but not all. */
  readonly uniform: boolean
}

/** The largest sum of squares that is surely an overflow of 32 bits, the smallest that may have lost all its digits. */
const [SMALLEST, LARGEST] = [1e-30, 3e38]

/** @param unpruned one byte a weight, 0 where it is pruned already */
export function blockGroups(tensor: WeightTensor, score: Score, block: Block, unpruned?: Uint8Array): BlockGroups {
  const [rows, columns] = matrixShape(tensor.shape)
  const count = Math.ceil(rows / block.rows) * Math.ceil(columns / block.columns)
  const area = block.rows * block.columns
  const scores = new Float32Array(count)
  const sizes = new Uint32Array(count)
  sumBlocks(tensor, score, block, unpruned, scores, sizes)
  // Only blocks that lack weights are scaled, so that the order of whole ones is that of their sums or norms.
  if (score.signed) {
    for (let i = 0; i < count; i++) if (sizes[i] < area && sizes[i] > 0) scores[i] *= area / sizes[i]
    toUnsignedOrder(scores)
  } else {
    if (scores.some(sum => sum < SMALLEST || sum > LARGEST)) {
      const exact = new Float64Array(count)
      sumBlocks(tensor, score, block, unpruned, exact)
      for (let i = 0; i < count; i++)
        if (scores[i] < SMALLEST || scores[i] > LARGEST) scores[i] = Math.sqrt((exact[i] * area) / (sizes[i] || area))
        else scores[i] = norm(scores[i], area, sizes[i])
    } else for (let i = 0; i < count; i++) scores[i] = norm(scores[i], area, sizes[i])
  }
  const divides = rows % block.rows === 0 && columns % block.columns === 0
  return { tensor, block, scores, sizes, uniform: divides && sizes.every(size => size === 0 || size === area) }
}

function norm(squares: number, area: number, size: number): number {
  return size === area || size === 0 ? Math.sqrt(squares) : Math.sqrt((squares * area) / size)
}

/** Adds up each block's scores, or their squares where they have no sign, over the weights that are not pruned. */
function sumBlocks(
  tensor: WeightTensor,
  { write, signed }: Score,
  block: Block,
  unpruned: Uint8Array | undefined,
  sums: Float32Array | Float64Array,
  sizes?: Uint32Array,
): void {
  const [rows, columns] = matrixShape(tensor.shape)
  const across = Math.ceil(columns / block.columns)
  const scores = new Float32Array(columns)
  for (let row = 0; row < rows; row++) {
    const start = row * columns
    write(tensor, start, scores)
    let group = Math.floor(row / block.rows) * across
    for (let column = 0; column < columns; group++) {
      const end = Math.min(columns, column + block.columns)
      for (; column < end; column++) {
        if (unpruned && unpruned[start + column] === 0) continue
        if (sizes) sizes[group]++
        sums[group] += signed ? scores[column] : scores[column] ** 2
      }
    }
  }
}

/** @param keptGroups one byte a block @param unpruned as before @returns one byte a weight */
export function expandBlocks(
  { tensor, block }: BlockGroups,
  keptGroups: Uint8Array,
  unpruned?: Uint8Array,
): Uint8Array {
  const [rows, columns] = matrixShape(tensor.shape)
  const across = Math.ceil(columns / block.columns)
  const kept = new Uint8Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const start = row * columns
    let group = Math.floor(row / block.rows) * across
    for (let column = 0; column < columns; group++) {
      const end = Math.min(columns, column + block.columns)
      if (keptGroups[group] === 1)
        if (unpruned) kept.set(unpruned.subarray(start + column, start + end), start + column)
        else kept.fill(1, start + column, start + end)
      column = end
    }
  }
  return kept
}
