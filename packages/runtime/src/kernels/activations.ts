/** Activations: [rows, features] of f32 in the kernels' memory. */
import type { Heap } from './heap.ts'

/** Bytes of a row: kernels read and write four features at a time. */
const strideFor = (features: number) => 16 * Math.ceil(features / 4)
/** Bytes behind the last row, for kernels that read eight features at a time. */
const PADDING = 64

/** Consecutive rows of activations. */
export interface ActivationRows {
  readonly pointer: number
  /** Bytes from one row to the next. */
  readonly stride: number
  readonly rows: number
}

export class Activations implements ActivationRows {
  readonly stride: number
  readonly pointer: number

  /** @param options.clear whether features are 0; otherwise they are undefined */
  constructor(
    readonly heap: Heap,
    readonly features: number,
    readonly rows: number,
    { clear = false } = {},
  ) {
    this.stride = strideFor(features)
    this.pointer = heap.allocate(rows * this.stride + PADDING)
    if (clear) heap.bytes(this.pointer, rows * this.stride).fill(0)
  }

  /** A pointer to a row. */
  row(row: number): number {
    return this.pointer + row * this.stride
  }

  /** Some of the rows, in the same memory. */
  slice(first: number, rows: number): ActivationRows {
    return { pointer: this.row(first), stride: this.stride, rows }
  }

  /**
   * Copies rows of other activations to the rows from `first` on, to the features from `feature` on.
   * @param options.parents which rows are copied, in this order; default: all
   */
  copyFrom(
    from: Activations,
    { first = 0, feature = 0, parents }: { first?: number; feature?: number; parents?: Int32Array } = {},
  ): void {
    const bytes = this.heap.bytes(0, this.heap.memory.buffer.byteLength)
    const count = parents ? parents.length : from.rows
    for (let r = 0; r < count; r++) {
      const start = from.row(parents ? parents[r] : r)
      bytes.copyWithin(this.row(first + r) + 4 * feature, start, start + 4 * from.features)
    }
  }

  free(): void {
    this.heap.free(this.pointer)
  }
}
