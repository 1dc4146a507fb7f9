/**
 * Blocks: rectangles of a matrix's weights that go together. A block of 1×8 is 8 consecutive inputs of one output, for a
 * matrix [outputs, inputs]. A matrix that blocks do not divide is thought of as padded with zeros: the last block of a
 * row or column is smaller, and its score is that of the weights it has.
 */
import { UserError } from '@espalier/runtime'
import { type Score, unsignedOrder } from './scores.ts'
import type { Candidates } from './select.ts'
import type { WeightTensor } from './weights.ts'

export interface Block {
  readonly rows: number
  readonly columns: number
}

/** `1x8`. @throws UserError `block` */
export function parseBlock(text: string): Block {
  const match = /^([1-9]\d{0,3})[x×]([1-9]\d{0,3})$/u.exec(text)
  if (!match)
    throw new UserError(
      'block',
      `--block ${text}: wanted is rows x columns, as in 1x8, 1x4, 4x1 or 1x1 (single weights)`,
    )
  return { rows: Number(match[1]), columns: Number(match[2]) }
}

/** What selection chooses from, and how its choice becomes marks of single weights. */
export interface Units {
  readonly candidates: Candidates
  /** @param kept one mark a unit @returns one mark a weight */
  expand(kept: Uint8Array): Uint8Array
}

/** Single weights or blocks of them. */
export function units(tensor: WeightTensor, score: Score, block: Block, current?: Uint8Array): Units {
  return block.rows === 1 && block.columns === 1
    ? { candidates: { tensor, score: single(score), current }, expand: kept => kept }
    : blocks(tensor, score, block, current)
}

function single({ write, signed }: Score): Candidates['score'] {
  if (!signed) return write
  return (tensor, start, out) => {
    write(tensor, start, out)
    unsignedOrder(out)
  }
}

function blocks(tensor: WeightTensor, score: Score, block: Block, current?: Uint8Array): Units {
  const [rows, columns] = matrixShape(tensor)
  const across = Math.ceil(columns / block.columns)
  const totals = new Float32Array(across * Math.ceil(rows / block.rows))
  const alive = new Uint8Array(totals.length)
  const place = (row: number, column: number) =>
    Math.floor(row / block.rows) * across + Math.floor(column / block.columns)
  const scores = new Float32Array(columns)
  for (let row = 0; row < rows; row++) {
    score.write(tensor, row * columns, scores)
    for (let column = 0; column < columns; column++) {
      const at = place(row, column)
      if (current && current[row * columns + column] === 0) continue
      alive[at] = 1
      totals[at] += score.signed ? scores[column] : scores[column] ** 2
    }
  }
  if (score.signed) unsignedOrder(totals)
  else for (let i = 0; i < totals.length; i++) totals[i] = Math.sqrt(totals[i])
  const whole = { name: tensor.name, shape: [totals.length], data: totals }
  return {
    candidates: { tensor: whole, score: copy, current: current && alive },
    expand: kept => {
      const marks = new Uint8Array(rows * columns)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const i = row * columns + column
          marks[i] = current && current[i] === 0 ? 0 : kept[place(row, column)]
        }
      return marks
    },
  }
}

const copy: Candidates['score'] = ({ data }, start, out) => out.set(data.subarray(start, start + out.length))

/** A tensor as a matrix: its first axis, and all others as one. */
export function matrixShape({ shape }: Pick<WeightTensor, 'shape'>): [rows: number, columns: number] {
  const columns = shape.slice(1).reduce((a, b) => a * b, 1)
  return [shape[0], columns]
}
