/** N:M sparsity: of each M consecutive weights of a row, N are kept (Mishra et al. 2021 for 2:4). */
import { UserError } from '@espalier/runtime'
import { matrixShape } from '@espalier/runtime/packed'
import { type Score, toUnsignedOrder } from './scores.ts'
import type { WeightTensor } from './weights.ts'

export interface Pattern {
  readonly keep: number
  readonly of: number
}

/** Reads a text such as `2:4`. @throws UserError `pattern` */
export function parsePattern(text: string): Pattern {
  const match = /^(\d{1,3}):(\d{1,3})$/u.exec(text)
  const [keep, of] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || keep < 1 || keep >= of)
    throw new UserError('pattern', `--pattern ${text} is not N:M with N kept of each M, 1 ≤ N < M, as in 2:4`)
  return { keep, of }
}

/**
 * Keeps the highest `keep` of each `of` consecutive weights of a row; of equal ones, the later. Where groups do not divide
 * a row, its last group keeps as many, or all that it has: as if the row were padded with zeros, as kernels for N:M do.
 * @param unpruned one byte a weight; what is pruned already stays so
 * @returns one byte a weight
 */
export function keepPattern(
  tensor: WeightTensor,
  score: Score,
  { keep, of }: Pattern,
  unpruned?: Uint8Array,
): Uint8Array {
  const [rows, columns] = matrixShape(tensor.shape)
  const kept = new Uint8Array(rows * columns)
  const scores = new Float32Array(columns)
  for (let row = 0; row < rows; row++) {
    score.write(tensor, row * columns, scores)
    if (score.signed) toUnsignedOrder(scores)
    for (let start = 0; start < columns; start += of) {
      const group = Array.from({ length: Math.min(of, columns - start) }, (_, i) => start + i).filter(
        i => !unpruned || unpruned[row * columns + i] === 1,
      )
      // Scores may be infinite, so they are compared, not subtracted.
      group.sort((a, b) => (scores[a] === scores[b] ? b - a : scores[a] < scores[b] ? 1 : -1))
      for (const i of group.slice(0, keep)) kept[row * columns + i] = 1
    }
  }
  return kept
}
