/** Activations: [rows, features] of f32 in the kernels' memory. */
import type { Heap } from '../kernels/heap.ts'

/** Kernels read and write four features at a time, and some read eight: there is room for it. */
const strideFor = (features: number) => 16 * Math.ceil(features / 4)
const BEYOND = 64

/** Where rows are. */
export interface RowsView {
  readonly at: number
  /** Bytes from one row to the next. */
  readonly stride: number
  readonly rows: number
}

export class Rows implements RowsView {
  readonly stride: number
  readonly at: number

  /** Room for rows of so many features, 0 where `clear`, else anything. */
  constructor(
    readonly heap: Heap,
    readonly features: number,
    readonly rows: number,
    { clear = false } = {},
  ) {
    this.stride = strideFor(features)
    this.at = heap.allocate(rows * this.stride + BEYOND)
    if (clear) heap.bytes(this.at, rows * this.stride).fill(0)
  }

  /** Where a row begins. */
  row(row: number): number {
    return this.at + row * this.stride
  }

  /** Some of the rows, in the same place. */
  part(first: number, rows: number): RowsView {
    return { at: this.row(first), stride: this.stride, rows }
  }

  /** Copies rows of other activations, one after the other, to features from `feature` on. @param parents default: all */
  take(
    from: Rows,
    { first = 0, feature = 0, parents }: { first?: number; feature?: number; parents?: Int32Array } = {},
  ) {
    const bytes = this.heap.bytes(0, this.heap.memory.buffer.byteLength)
    const count = parents ? parents.length : from.rows
    for (let r = 0; r < count; r++) {
      const start = from.row(parents ? parents[r] : r)
      bytes.copyWithin(this.row(first + r) + 4 * feature, start, start + 4 * from.features)
    }
  }

  free(): void {
    this.heap.free(this.at)
  }
}
