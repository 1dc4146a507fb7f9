/** N:M sparsity: of each M consecutive weights of a row, N are kept (Mishra et al. 2021 for 2:4). */
import { UserError } from '@espalier/runtime'
import { matrixShape } from './blocks.ts'
import { type Score, unsignedOrder } from './scores.ts'
import type { WeightTensor } from './weights.ts'

export interface Pattern {
  readonly keep: number
  readonly of: number
}

/** `2:4`. @throws UserError `pattern` */
export function parsePattern(text: string): Pattern {
  const match = /^(\d{1,3}):(\d{1,3})$/u.exec(text)
  const [keep, of] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || keep < 1 || keep >= of)
    throw new UserError('pattern', `--pattern ${text}: wanted is N:M with N kept of each M, 1 ≤ N < M, as in 2:4`)
  return { keep, of }
}

/**
 * Marks the highest `keep` of each `of` consecutive weights of a row; of equal ones, the later. A row that groups do not
 * divide is thought of as padded with weights that go first.
 */
export function keepPattern(
  tensor: WeightTensor,
  score: Score,
  { keep, of }: Pattern,
  current?: Uint8Array,
): Uint8Array {
  const [rows, columns] = matrixShape(tensor)
  const marks = new Uint8Array(rows * columns)
  const scores = new Float32Array(columns)
  for (let row = 0; row < rows; row++) {
    score.write(tensor, row * columns, scores)
    if (score.signed) unsignedOrder(scores)
    for (let start = 0; start < columns; start += of) {
      const group = Array.from({ length: Math.min(of, columns - start) }, (_, i) => start + i).filter(
        i => !current || current[row * columns + i] === 1,
      )
      group.sort((a, b) => scores[b] - scores[a] || b - a)
      for (const i of group.slice(0, keep)) marks[row * columns + i] = 1
    }
  }
  return marks
}
