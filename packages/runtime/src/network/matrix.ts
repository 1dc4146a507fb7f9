/** Sparse matrices in the kernels' memory. */
import type { Heap } from '../kernels/heap.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { TensorSections } from '../packed/format.ts'
import { blockShape, codeTable, eachRow, floatValues, valueBytes } from '../packed/tensor.ts'
import { VALUE_BYTES } from '../packed/values.ts'
import type { FastDecoder } from './fast-decoder.ts'
import { type Panels, roomFor } from './panels.ts'

/**
 * Compressed rows: pointers, and what lies there. Plain data, so that it can be sent to another thread.
 * `floats`: values are f32; `codes`: a byte each, looked up in `table`; `blocks`: eight signed bytes each, for
 * whole-number products; both times `scales` of the row.
 */
export interface Matrix {
  readonly kind: 'floats' | 'codes' | 'blocks'
  readonly rows: number
  readonly columns: number
  /** Neighbouring weights of a row under one index. */
  readonly width: number
  readonly starts: number
  readonly indices: number
  readonly values: number
  readonly table: number
  readonly scales: number
}

/** Widths that kernels take; panels have room for a last block of any of them. */
const isWidth = (n: number) => n <= 64 && (n & (n - 1)) === 0

/**
 * Puts a tensor of a packed file into memory.
 * @param fast used where the file's blocks are those that the kernels take
 * @throws PackedFileError
 */
export function loadMatrix(heap: Heap, sections: TensorSections, fast?: FastDecoder): Matrix {
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
  let [table, scales] = [0, 0]
  if (coded) {
    const code = codeTable(sections)
    table = heap.allocate(4 * code.table.length)
    scales = heap.allocate(4 * rows)
    heap.floats(table, code.table.length).set(code.table)
    heap.floats(scales, rows).set(code.scales)
  }
  const kind = whole ? 'blocks' : coded ? 'codes' : 'floats'
  return { kind, rows, columns, width, starts, indices, values, table, scales }
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

/** Where a vector of floats was put. @throws PackedFileError */
export function loadVector(heap: Heap, values: Float32Array): number {
  // Kernels read four at a time.
  const at = heap.allocate(4 * roomFor(values.length))
  const room = heap.floats(at, roomFor(values.length))
  room.fill(0)
  room.set(values)
  return at
}

/** Rows of activations that a product of blocks takes at once. */
const MOST_ROWS = 8

/** What a product needs besides its operands: room for rows of activations as whole numbers, and their scales. */
export interface Scratch {
  readonly at: number
  readonly scales: number
}
export function createScratch(heap: Heap, columns: number): Scratch {
  const bytes = 2 * MOST_ROWS * roomFor(columns)
  const at = heap.allocate(bytes)
  heap.bytes(at, bytes).fill(0)
  return { at, scales: heap.allocate(4 * MOST_ROWS) }
}

/** Activations as whole numbers are as great as sums of them times codes can be in 32 bits. */
const limitFor = (columns: number) => Math.min(32_767, Math.floor((2 ** 31 - 1) / (128 * columns)))

/** y = base + M x, of a panel: the base is y itself where `add`, else the bias, or 0. */
export function multiplyPanel(
  kernels: Kernels,
  m: Matrix,
  x: { readonly at: number; readonly lanes: number; readonly rows: number },
  y: number,
  scratch: Scratch,
  { bias = 0, add = false }: { bias?: number; add?: boolean } = {},
): void {
  const { starts, indices, values, width, rows, table, scales } = m
  switch (m.kind) {
    case 'floats':
      kernels.multiplyFloat(starts, indices, values, width, rows, x.at, x.lanes, bias, y, Number(add))
      return
    case 'codes':
      kernels.multiplyCoded(
        ...([starts, indices, values, width, rows, table, scales, x.at, x.lanes, bias, y, Number(add)] as const),
      )
      return
    case 'blocks': {
      for (let lane = 0; lane < x.rows; lane += MOST_ROWS) {
        const count = Math.min(MOST_ROWS, x.rows - lane)
        kernels.quantize(x.at + 4 * lane, x.lanes, m.columns, count, limitFor(m.columns), scratch.at, scratch.scales)
        kernels.multiplyBlocks(
          ...([starts, indices, values, rows, scales, scratch.at, scratch.scales, count] as const),
          ...([bias, y + 4 * lane, x.lanes, Number(add)] as const),
        )
      }
      return
    }
    default:
      m.kind satisfies never
  }
}

/** The same of all panels. */
export function multiply(
  kernels: Kernels,
  m: Matrix,
  x: Panels,
  y: Panels,
  scratch: Scratch,
  options?: { bias?: number; add?: boolean },
): void {
  for (let p = 0; p < x.count; p++)
    multiplyPanel(kernels, m, { at: x.panel(p), lanes: x.lanes, rows: x.rowsOf(p) }, y.panel(p), scratch, options)
}

/** Adds a row of a matrix to the features of a lane that is zero. */
export function embed(kernels: Kernels, m: Matrix, row: number, lane: number, lanes: number): void {
  const { starts, indices, values, width, table, scales } = m
  if (m.kind === 'floats') kernels.embedFloat(starts, indices, values, width, row, lane, lanes)
  else kernels.embedCoded(starts, indices, values, width, row, table, scales, lane, lanes)
}
