/** Products of sparse matrices with rows of activations, and rows of a matrix as activations. */
import type { ActivationRows } from './activations.ts'
import type { Heap } from './heap.ts'
import type { Kernels } from './interface.ts'
import type { SparseMatrix } from './sparse-matrix.ts'

/** Rows of activations that products of int8 blocks, and others, take at once. */
const MAXIMUM_BLOCK_ROWS = 8
const MAXIMUM_ROWS = 16

/** Lanes of the panel that so many rows are laid out in. */
const lanesFor = (rows: number) => (rows === 1 ? 1 : rows <= 4 ? 4 : rows <= 8 ? 8 : 16)

/** Features of a panel: blocks of a matrix may reach beyond its last column, where the panel is zero. */
const paddedFeatures = (features: number) => Math.ceil(features / 64) * 64

/** Buffers for the operand and the result of a product, laid out as the kernels take them. */
export interface Scratch {
  /** The operand: a panel, or 16-bit integers. */
  readonly x: number
  /** The scales of these integers, one a row. */
  readonly scales: number
  /** The result: a panel. */
  readonly y: number
}

/** @param matrices all that will be multiplied with */
export function createScratch(heap: Heap, matrices: readonly SparseMatrix[]): Scratch {
  const columns = paddedFeatures(Math.max(...matrices.map(m => m.columns)))
  const rows = paddedFeatures(Math.max(...matrices.map(m => m.rows)))
  return {
    x: heap.allocate(4 * MAXIMUM_ROWS * columns),
    scales: heap.allocate(4 * MAXIMUM_ROWS),
    y: heap.allocate(4 * MAXIMUM_ROWS * rows),
  }
}

/** The greatest activation as an integer: a sum of `columns` products with codes has to fit in 32 bits. */
const activationLimit = (columns: number) => Math.min(32_767, Math.floor((2 ** 31 - 1) / (128 * columns)))

/** One product of a sum of products. */
export interface Term {
  readonly matrix: SparseMatrix
  /** [rows, columns of the matrix] */
  readonly x: ActivationRows
}

/**
 * y = base + Σ M x for each row. The base is y itself where `add`, else the bias, or 0.
 * @param y [rows, rows of the matrices]
 */
export function multiply(
  kernels: Kernels,
  terms: readonly Term[],
  y: ActivationRows,
  scratch: Scratch,
  { bias = 0, add = false }: { bias?: number; add?: boolean } = {},
): void {
  const most = terms.some(({ matrix }) => matrix.kind === 'int8-blocks') ? MAXIMUM_BLOCK_ROWS : MAXIMUM_ROWS
  const features = terms[0].matrix.rows
  for (let first = 0; first < y.rows; first += most) {
    const count = Math.min(most, y.rows - first)
    const lanes = lanesFor(count)
    const to = y.pointer + first * y.stride
    // A panel of one lane is a row.
    const panel = lanes === 1 ? to : scratch.y
    if (!add) kernels.fillPanel(bias, features, lanes, panel)
    else if (lanes > 1) kernels.toPanel(to, y.stride, features, count, features, lanes, panel)
    for (const { matrix, x } of terms)
      addProduct(
        kernels,
        matrix,
        { from: x.pointer + first * x.stride, stride: x.stride, count, lanes },
        panel,
        scratch,
      )
    if (lanes > 1) kernels.fromPanel(panel, lanes, features, count, to, y.stride)
  }
}

function addProduct(
  kernels: Kernels,
  { kind, columns, descriptor }: SparseMatrix,
  x: { readonly from: number; readonly stride: number; readonly count: number; readonly lanes: number },
  y: number,
  scratch: Scratch,
): void {
  const { from, stride, count, lanes } = x
  if (kind === 'int8-blocks') {
    kernels.quantize(from, stride, columns, count, activationLimit(columns), scratch.x, scratch.scales)
    kernels.multiplyBlocks(descriptor, scratch.x, scratch.scales, count, y)
    return
  }
  kernels.toPanel(from, stride, columns, count, paddedFeatures(columns), lanes, scratch.x)
  if (kind === 'float') kernels.multiplyFloat(descriptor, scratch.x, lanes, y)
  else kernels.multiplyCoded(descriptor, scratch.x, lanes, y)
}

/** Writes a row of a matrix. @param out a pointer to its columns, which have to be 0 */
export function embed(kernels: Kernels, { kind, descriptor }: SparseMatrix, row: number, out: number): void {
  if (kind === 'float') kernels.embedFloat(descriptor, row, out)
  else kernels.embedCoded(descriptor, row, out)
}
