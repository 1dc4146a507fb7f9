/**
 * Panels: the activations of a batch, [features][lanes] of f32 for each 1, 4, 8 or 16 rows of it, so that one weight meets
 * all lanes of a feature at once.
 */
import type { Heap } from '../kernels/heap.ts'

/** Lanes of the panels that so many rows are laid out in. */
export const lanesFor = (rows: number): number => (rows === 1 ? 1 : rows <= 4 ? 4 : rows <= 8 ? 8 : 16)

/** Features that there is room for: blocks of a matrix may reach beyond its last column, to zeros. */
export const roomFor = (features: number): number => Math.ceil(features / 64) * 64

export class Panels {
  readonly lanes: number
  readonly count: number
  /** Bytes from one panel to the next. */
  readonly stride: number
  readonly at: number

  /** Room for rows of so many features, all zero unless they are all going to be written. */
  constructor(
    readonly heap: Heap,
    readonly features: number,
    readonly rows: number,
    { clear = true } = {},
  ) {
    this.lanes = lanesFor(rows)
    this.count = Math.ceil(rows / this.lanes)
    this.stride = 4 * roomFor(features) * this.lanes
    this.at = heap.allocate(this.bytes)
    if (clear) this.heap.bytes(this.at, this.bytes).fill(0)
  }

  get bytes(): number {
    return this.stride * this.count
  }

  /** Where a panel begins. */
  panel(p: number): number {
    return this.at + p * this.stride
  }

  /** Rows of a panel. */
  rowsOf(p: number): number {
    return Math.min(this.lanes, this.rows - p * this.lanes)
  }

  /** Where the first feature of a row is; the next one is {@link lanes} numbers on. */
  lane(row: number): number {
    return this.panel(Math.floor(row / this.lanes)) + 4 * (row % this.lanes)
  }

  /** Copies features of other panels of as many rows to features from `feature` on. */
  take(from: Panels, feature = 0): void {
    const bytes = this.heap.bytes(0, this.heap.memory.buffer.byteLength)
    for (let p = 0; p < this.count; p++) {
      const start = from.panel(p)
      bytes.copyWithin(this.panel(p) + 4 * feature * this.lanes, start, start + 4 * from.features * from.lanes)
    }
  }

  free(): void {
    this.heap.free(this.at)
  }
}
