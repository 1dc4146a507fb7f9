/** Sparse matrices in the kernels' memory: compressed rows of blocks of neighbouring columns. */
import type { Heap } from './heap.ts'
import { DESCRIPTOR_BYTES, type Kernels, writeDescriptor } from './interface.ts'

/**
 * A matrix in memory. Plain data, so that it can be sent to another thread.
 * `float`: values are f32; `coded`: a byte each, looked up in a table and scaled by row; `int8-blocks`: signed bytes in
 * blocks of eight, multiplied with 16-bit activations in integers.
 */
export interface SparseMatrix {
  readonly kind: 'float' | 'coded' | 'int8-blocks'
  readonly rows: number
  readonly columns: number
  /** A pointer to its descriptor. */
  readonly descriptor: number
}

/** Whether a matrix is multiplied with, or rows of it are looked up. */
export type MatrixUse = 'product' | 'lookup'

/** Pointers to the parts of compressed rows, and how many blocks of `width` columns fit in. */
export interface CsrBuffers {
  /** u32[rows + 1] */
  readonly starts: number
  /** u16[capacity] */
  readonly indices: number
  /** [capacity][width], of `valueBytes` each */
  readonly values: number
  readonly capacity: number
  readonly width: number
  /** 4 for floats, 1 for codes. */
  readonly valueBytes: 1 | 4
}

/** What codes of a byte stand for: a weight is `table[code]` times the scale of its row. */
export interface CodeTable {
  /** f32[256] */
  readonly table: Float32Array
  /** f32[rows] */
  readonly scales: Float32Array
}

/** Whether kernels take blocks of so many columns; panels are padded for a last block of any of them. */
export const isBlockWidth = (width: number) => width <= 64 && (width & (width - 1)) === 0

export function allocateCsr(
  heap: Heap,
  rows: number,
  { capacity, width, valueBytes }: Pick<CsrBuffers, 'capacity' | 'width' | 'valueBytes'>,
): CsrBuffers {
  return {
    starts: heap.allocate(4 * (rows + 1)),
    indices: heap.allocate(2 * capacity),
    values: heap.allocate(valueBytes * capacity * width),
    ...{ capacity, width, valueBytes },
  }
}

/** Rows that are sorted together: a product writes rows out of order, and these stay within the nearest cache. */
const SORT_WINDOW = 512

/**
 * Sorts rows of equal length next to each other (see assembly/matrix.ts), where there are kernels for it.
 * @returns a pointer to u32[rows]: the row of the matrix that each row in memory is
 */
function sortRows(heap: Heap, { loading }: Kernels, buffers: CsrBuffers, rows: number, columns: number): number {
  const { starts, indices, values, width, valueBytes } = buffers
  const order = heap.allocate(4 * rows)
  if (!loading) {
    heap.integers(order, rows).forEach((_, row, all) => {
      all[row] = row
    })
    return order
  }
  const offsets = heap.integers(starts, rows + 1)
  let most = 0
  for (let r = 0; r < rows; r += SORT_WINDOW)
    most = Math.max(most, offsets[Math.min(rows, r + SORT_WINDOW)] - offsets[r])
  const blocks = Math.ceil(columns / width)
  const size = valueBytes * width
  const scratch = heap.allocate(most * (size + 2) + 4 * (blocks + SORT_WINDOW) + 64)
  loading.sortRows(starts, order, indices, values, size, rows, SORT_WINDOW, blocks, scratch)
  heap.free(scratch)
  return order
}

/** Makes a matrix of filled buffers. @param code of codes; absent for floats */
export function matrixFromCsr(
  heap: Heap,
  kernels: Kernels,
  buffers: CsrBuffers,
  { rows, columns, use, code }: { rows: number; columns: number; use: MatrixUse; code?: CodeTable & { int8: boolean } },
): SparseMatrix {
  const order = use === 'product' ? sortRows(heap, kernels, buffers, rows, columns) : 0
  const [table, scales] = code ? [copyFloats(heap, code.table), copyFloats(heap, code.scales)] : [0, 0]
  const descriptor = heap.allocate(DESCRIPTOR_BYTES)
  const { starts, indices, values, width } = buffers
  writeDescriptor(heap.memory, descriptor, { starts, order, indices, values, width, rows, columns, table, scales })
  const kind = !code ? 'float' : code.int8 && width === 8 ? 'int8-blocks' : 'coded'
  return { kind, rows, columns, descriptor }
}

/** @returns a pointer to a copy */
export function copyFloats(heap: Heap, values: Float32Array): number {
  const pointer = heap.allocate(4 * values.length)
  heap.floats(pointer, values.length).set(values)
  return pointer
}

/** A matrix with its zeros. */
export interface DenseMatrix {
  readonly rows: number
  readonly columns: number
  /** [rows, columns] */
  readonly data: Float32Array
  /** One byte a weight, 0 where it is pruned; default: 0 where the weight is 0. */
  readonly kept?: Uint8Array
}

/**
 * Makes a sparse matrix of a dense one.
 * @param options.width columns of a block, a power of two up to 64: a block is stored if one of its weights is kept
 * @param options.values int8: rounded to 8 bits with a scale a row
 */
export function matrixFromDense(
  heap: Heap,
  kernels: Kernels,
  dense: DenseMatrix,
  { width = 1, values = 'f32', use = 'product' }: { width?: number; values?: 'f32' | 'int8'; use?: MatrixUse } = {},
): SparseMatrix {
  if (!isBlockWidth(width)) throw new RangeError(`blocks are ${width} columns wide; a power of two up to 64 can be`)
  const { rows, columns, data, kept } = dense
  const isKept = (i: number) => (kept ? kept[i] !== 0 : data[i] !== 0)
  const blocks = keptBlocks(dense, width, isKept)
  const code = values === 'int8' ? { ...int8Scales(dense), int8: true } : undefined
  const buffers = allocateCsr(heap, rows, { capacity: blocks.length, width, valueBytes: code ? 1 : 4 })
  const starts = heap.integers(buffers.starts, rows + 1).fill(0)
  for (const { row } of blocks) starts[row + 1]++
  for (let row = 0; row < rows; row++) starts[row + 1] += starts[row]
  heap.shorts(buffers.indices, blocks.length).set(blocks.map(({ index }) => index))
  const weight = (row: number, column: number) => {
    const i = row * columns + column
    return column < columns && isKept(i) ? data[i] : 0
  }
  const floats = code ? undefined : heap.floats(buffers.values, blocks.length * width)
  const codes = code && heap.bytes(buffers.values, blocks.length * width)
  blocks.forEach(({ row, index }, k) => {
    for (let i = 0; i < width; i++) {
      const value = weight(row, index * width + i)
      if (floats) floats[k * width + i] = value
      if (code && codes) codes[k * width + i] = code.scales[row] === 0 ? 0 : Math.round(value / code.scales[row])
    }
  })
  return matrixFromCsr(heap, kernels, buffers, { rows, columns, use, code })
}

/** The blocks of which some weight is kept, row by row. */
function keptBlocks({ rows, columns }: DenseMatrix, width: number, isKept: (index: number) => boolean) {
  const blocks: { row: number; index: number }[] = []
  for (let row = 0; row < rows; row++)
    for (let begin = 0; begin < columns; begin += width) {
      let some = false
      for (let i = begin; i < Math.min(columns, begin + width) && !some; i++) some = isKept(row * columns + i)
      if (some) blocks.push({ row, index: begin / width })
    }
  return blocks
}

/** The value of each signed byte. */
export const int8Table = () => Float32Array.from({ length: 256 }, (_, code) => (code << 24) >> 24)

/** A scale a row, so that its greatest weight becomes ±127. */
function int8Scales({ rows, columns, data }: DenseMatrix): CodeTable {
  const scales = Float32Array.from({ length: rows }, (_, row) => {
    let greatest = 0
    for (let i = row * columns; i < (row + 1) * columns; i++) greatest = Math.max(greatest, Math.abs(data[i]))
    return greatest / 127
  })
  return { table: int8Table(), scales }
}
