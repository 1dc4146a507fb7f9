/** Sparse matrices in the kernels' memory. */
import type { Heap } from '../kernels/heap.ts'
import { describeMatrix, type Kernels, MATRIX_BYTES } from '../kernels/kernels.ts'
import type { TensorSections } from '../packed/format.ts'
import { blockShape, codeTable, eachRow, floatValues, valueBytes } from '../packed/tensor.ts'
import { VALUE_BYTES } from '../packed/values.ts'
import type { FastDecoder } from './fast-decoder.ts'
import type { RowsView } from './rows.ts'

/**
 * A matrix in memory. Plain data, so that it can be sent to another thread.
 * `floats`: values are f32; `codes`: a byte each, looked up in a table; `blocks`: eight signed bytes each, for whole-number
 * products.
 */
export interface Matrix {
  readonly kind: 'floats' | 'codes' | 'blocks'
  readonly rows: number
  readonly columns: number
  /** Where it is described for the kernels. */
  readonly at: number
}

/** Widths that kernels take; panels have room for a last block of any of them. */
const isWidth = (n: number) => n <= 64 && (n & (n - 1)) === 0

/** Features that panels have room for: blocks of a matrix may reach beyond its last column, to zeros. */
const roomFor = (features: number) => Math.ceil(features / 64) * 64

/**
 * Puts a tensor of a packed file into memory.
 * @param use whether it is to be multiplied with, or rows of it to be looked up
 * @param fast used where the file's blocks are those that the kernels take
 * @throws PackedFileError
 */
export function loadMatrix(
  heap: Heap,
  sections: TensorSections,
  use: 'product' | 'lookup',
  fast?: FastDecoder,
): Matrix {
  const { entry } = sections
  const { rows, columns, block } = blockShape(entry)
  // Without positions every weight is there, and eight of a row are a block; other blocks than rows' come apart.
  const across = entry.block ? block[1] : columns >= 8 ? 8 : 1
  const whole = entry.encoding === 'int8' && across % 8 === 0
  const width = whole ? 8 : isWidth(across) ? across : 1
  const coded = entry.encoding === 'int8' || entry.encoding === 'codebook'
  const most = mostUnits(sections, width)
  const starts = heap.allocate(4 * (rows + 1))
  const indices = heap.allocate(2 * most)
  const values = heap.allocate((coded ? 1 : 4) * most * width)
  const room = { starts, indices, values, most, width }
  if (fast && block[0] === 1 && width === across && columns % width === 0) fast.read(sections, room)
  else readSlowly(heap, sections, room)
  let order = 0
  if (use === 'product') {
    order = heap.allocate(4 * rows)
    if (fast) fast.sort(order, rows, Math.ceil(columns / width), (coded ? 1 : 4) * width, room)
    else
      heap.integers(order, rows).forEach((_, r, all) => {
        all[r] = r
      })
  }
  let [table, scales] = [0, 0]
  if (coded) {
    const code = codeTable(sections)
    table = heap.allocate(4 * code.table.length)
    scales = heap.allocate(4 * rows)
    heap.floats(table, code.table.length).set(code.table)
    heap.floats(scales, rows).set(code.scales)
  }
  const at = heap.allocate(MATRIX_BYTES)
  describeMatrix(heap.memory, at, { starts, order, indices, values, width, rows, columns, table, scales })
  return { kind: whole ? 'blocks' : coded ? 'codes' : 'floats', rows, columns, at }
}

/** Where the rows of a matrix are to be written, and how many blocks of `width` there is room for. */
export interface RowRoom {
  readonly starts: number
  readonly indices: number
  readonly values: number
  readonly most: number
  readonly width: number
}

/** Weight by weight: blocks of several rows come apart, smaller ones at the right border are filled up with zeros. */
function readSlowly(heap: Heap, sections: TensorSections, { starts, indices, values, most, width }: RowRoom): void {
  const { entry } = sections
  const { rows, columns, block } = blockShape(entry)
  const size = VALUE_BYTES[entry.encoding] === 1 ? 1 : 4
  const bytes = size === 1 ? valueBytes(sections) : new Uint8Array(floatValues(sections).buffer)
  const rowStarts = new Uint32Array(heap.memory.buffer, starts, rows + 1)
  const index = heap.shorts(indices, most)
  const out = heap.bytes(values, size * most * width)
  if (most * width > entry.kept) out.fill(0)
  let unit = 0
  const place = (columnFrom: number, columnTo: number, from: number) => {
    for (let column = columnFrom; column < columnTo; column += width) {
      const length = size * Math.min(width, columnTo - column)
      const to = unit * width * size
      for (let i = 0; i < length; i++) out[to + i] = bytes[from + i]
      index[unit++] = column / width
      from += length
    }
  }
  eachRow(sections, (row, units, count, first) => {
    let from = first * size
    rowStarts[row] = unit
    if (!entry.block) place(0, columns, from)
    else
      for (let i = 0; i < count; i++) {
        const [begin, end] = [units[i] * block[1], Math.min(columns, (units[i] + 1) * block[1])]
        place(begin, end, from)
        from += size * (end - begin)
      }
    rowStarts[row + 1] = unit
  })
}

/** Blocks of a width that a tensor has at most: one more a row where the last of its columns is a smaller one. */
function mostUnits({ entry }: TensorSections, width: number): number {
  const { rows, columns } = blockShape(entry)
  return Math.floor(entry.kept / width) + (columns % width === 0 ? 0 : rows)
}

/** Puts a vector into memory. @returns where */
export function loadVector(heap: Heap, values: Float32Array): number {
  const at = heap.allocate(4 * values.length)
  heap.floats(at, values.length).set(values)
  return at
}

/** Rows of activations that products of blocks, and others, take at once. */
const MOST_OF_BLOCKS = 8
const MOST = 16

/** Lanes of the panel that so many rows are laid out in. */
const lanesFor = (rows: number) => (rows === 1 ? 1 : rows <= 4 ? 4 : rows <= 8 ? 8 : 16)

/** What products need besides their operands: the operand and the result as the kernels take them. */
export interface Scratch {
  /** A panel, or whole numbers. */
  readonly x: number
  /** Of whole numbers, one a row. */
  readonly scales: number
  /** A panel. */
  readonly y: number
}
/** @param matrices those that are going to be multiplied with */
export function createScratch(heap: Heap, matrices: readonly Matrix[]): Scratch {
  const columns = roomFor(Math.max(...matrices.map(m => m.columns)))
  const rows = roomFor(Math.max(...matrices.map(m => m.rows)))
  return { x: heap.allocate(4 * MOST * columns), scales: heap.allocate(4 * MOST), y: heap.allocate(4 * MOST * rows) }
}

/** Activations as whole numbers are as great as sums of them times codes can be in 32 bits. */
const limitFor = (columns: number) => Math.min(32_767, Math.floor((2 ** 31 - 1) / (128 * columns)))

/** Of a sum of products. */
export interface Term {
  readonly matrix: Matrix
  /** [rows, columns of the matrix] */
  readonly x: RowsView
}

/**
 * y = base + Σ M x, of each row: the base is y itself where `add`, else the bias, or 0.
 * @param y [rows, rows of the matrices]
 */
export function multiply(
  kernels: Kernels,
  terms: readonly Term[],
  y: RowsView,
  scratch: Scratch,
  { bias = 0, add = false }: { bias?: number; add?: boolean } = {},
): void {
  const most = terms.some(({ matrix }) => matrix.kind === 'blocks') ? MOST_OF_BLOCKS : MOST
  const features = terms[0].matrix.rows
  for (let first = 0; first < y.rows; first += most) {
    const count = Math.min(most, y.rows - first)
    const lanes = lanesFor(count)
    const to = y.at + first * y.stride
    // A panel of one lane is a row.
    const panel = lanes === 1 ? to : scratch.y
    if (!add) kernels.fillPanel(bias, features, lanes, panel)
    else if (lanes > 1) kernels.toPanel(to, y.stride, features, count, features, lanes, panel)
    for (const { matrix, x } of terms)
      addProduct(kernels, matrix, { at: x.at + first * x.stride, stride: x.stride, count, lanes }, panel, scratch)
    if (lanes > 1) kernels.fromPanel(panel, lanes, features, count, to, y.stride)
  }
}

function addProduct(
  kernels: Kernels,
  m: Matrix,
  x: { readonly at: number; readonly stride: number; readonly count: number; readonly lanes: number },
  y: number,
  scratch: Scratch,
): void {
  const { at, stride, count, lanes } = x
  if (m.kind === 'blocks') {
    kernels.quantize(at, stride, m.columns, count, limitFor(m.columns), scratch.x, scratch.scales)
    kernels.multiplyBlocks(m.at, scratch.x, scratch.scales, count, y)
    return
  }
  kernels.toPanel(at, stride, m.columns, count, roomFor(m.columns), lanes, scratch.x)
  if (m.kind === 'floats') kernels.multiplyFloat(m.at, scratch.x, lanes, y)
  else kernels.multiplyCoded(m.at, scratch.x, lanes, y)
}

/** Puts a row of a matrix where all is zero. */
export function embed(kernels: Kernels, m: Matrix, row: number, out: number): void {
  if (m.kind === 'floats') kernels.embedFloat(m.at, row, out)
  else kernels.embedCoded(m.at, row, out)
}
