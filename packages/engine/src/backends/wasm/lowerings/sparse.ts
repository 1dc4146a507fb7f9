/**
 * Sparse matrices: products, sampled products, rows. For kernels rows of activations are laid out in panels of lanes,
 * assembly/panels.ts, once for all products that have them: forward, backward and sampled.
 */
import type { Node, Tensor } from '../../../graph/tensor.ts'
import type { PlacedPattern } from '../arrays.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { floats, readIndices } from './reading.ts'

/** Rows that lie side by side in a panel. */
const LANES = 16
const panelsFor = (rows: number) => Math.ceil(rows / LANES)
const panelsOf = (scope: Scope, columns: number, rows: number) =>
  scope.buffer('float32', [panelsFor(rows), columns, LANES])

/** Rows in panels; what lies beyond the last row is zero. */
function inPanels(scope: Scope, tensor: Tensor, x: Value, columns: number): Value {
  return scope.derived(tensor, 'panels', owner => {
    const rows = x.size / columns
    const panels = panelsOf(owner, columns, rows)
    const [from, to] = [x.slot.index, panels.slot.index]
    const work = 4 * columns * LANES
    owner.add(
      p => owner.kernels.divide('toPanels', panelsFor(rows), work, p[from], 4 * columns, rows, columns, p[to]),
      [x],
      [panels],
    )
    return panels
  })
}

/** Calls `visit` with each kept number's index, row and column. */
function forEachKept(
  { pattern: { block, starts, columns } }: PlacedPattern,
  visit: (at: number, row: number, column: number) => void,
): void {
  const [height, width] = block
  let at = 0
  for (let r = 0; r + 1 < starts.length; r++)
    for (let k = starts[r]; k < starts[r + 1]; k++)
      for (let h = 0; h < height; h++) for (let w = 0; w < width; w++) visit(at++, r * height + h, columns[k] + w)
}

/** x·Wᵀ + bias, or x·W (`transposed`), for a sparse W and rows x. */
export function sparseProduct(
  scope: Scope,
  node: Node,
  x: Value,
  weight: Value,
  { transposed, bias }: { readonly transposed: boolean; readonly bias?: Value },
): Value {
  const output = scope.output(node)
  // Only sparse values come here, and the sizes of sparse tensors are known.
  const pattern = weight.pattern!
  const [rows, columns] = node.inputs[1].shape as number[]
  const sizes = transposed ? { from: rows, to: columns } : { from: columns, to: rows }
  const count = x.size / sizes.from
  if (x.dtype === 'float32') addKernel(scope, node, { x, weight, bias, output, pattern, transposed, count, ...sizes })
  else {
    const run = (p: Pointers) => {
      const [a, w, y] = [x, weight, output].map(value => floats(scope, p, value))
      y.fill(0)
      forEachKept(pattern, (at, row, column) => {
        const [i, j] = transposed ? [row, column] : [column, row]
        for (let n = 0; n < count; n++) y[n * sizes.to + j] += w[at] * a[n * sizes.from + i]
      })
      const added = bias && floats(scope, p, bias)
      if (added) for (let i = 0; i < y.length; i++) y[i] += added[i % added.length]
    }
    scope.add(run, bias ? [x, weight, bias] : [x, weight], [output])
  }
  return output
}

interface Operands {
  readonly x: Value
  readonly weight: Value
  readonly bias?: Value
  readonly output: Value
  readonly pattern: PlacedPattern
  readonly transposed: boolean
  /** Rows of x, and the columns of x and of the result. */
  readonly count: number
  readonly from: number
  readonly to: number
}

function addKernel(scope: Scope, node: Node, operands: Operands): void {
  const { x, weight, bias, output, pattern, transposed, count, from, to } = operands
  const { kernels } = scope
  const [height, width] = pattern.pattern.block
  const panels = panelsFor(count)
  const a = inPanels(scope, node.inputs[0], x, from)
  const y = panelsOf(scope, to, count)
  const [i, j, k, w, b] = [a, y, output, weight, bias].map(value => value?.slot.index ?? -1)
  const { starts, places, kept } = pattern
  const work = kept * LANES
  const run = (p: Pointers) => {
    const matrix = [starts, places, p[w], height, width] as const
    if (transposed) kernels.divide('sparseTransposed', panels, work, ...matrix, p[i], from, p[j], to)
    else kernels.divide('sparseForward', panels, work, ...matrix, p[i], from, bias ? p[b] : 0, p[j], to)
    kernels.divide('fromPanels', panels, 4 * to * LANES, p[j], to, p[k], 4 * to, count)
  }
  scope.add(run, bias ? [a, weight, bias] : [a, weight], [output, y])
}

/** Σ over rows of xᵀ·y at the kept places. */
export function addSampledProduct(scope: Scope, node: Node, x: Value, y: Value, output: Value): void {
  const pattern = output.pattern!
  const [rows, columns] = node.outputs[0].shape as number[]
  const count = x.size / rows
  if (x.dtype !== 'float32') {
    const run = (p: Pointers) => {
      const [a, b, w] = [x, y, output].map(value => floats(scope, p, value))
      w.fill(0)
      forEachKept(pattern, (at, row, column) => {
        for (let n = 0; n < count; n++) w[at] += a[n * rows + row] * b[n * columns + column]
      })
    }
    scope.add(run, [x, y], [output])
    return
  }
  const [height, width] = pattern.pattern.block
  const a = inPanels(scope, node.inputs[0], x, rows)
  const b = inPanels(scope, node.inputs[1], y, columns)
  const [i, j, w] = [a, b, output].map(({ slot }) => slot.index)
  const panels = panelsFor(count)
  const work = (pattern.kept / pattern.rows) * panels * LANES
  scope.add(
    p => {
      const { starts, places } = pattern
      const matrix = [starts, places, p[w], height, width] as const
      scope.kernels.divide('sparseSampled', pattern.rows, work, ...matrix, p[i], rows, p[j], columns, panels)
    },
    [a, b],
    [output],
  )
}

/** Rows of a sparse table, with their zeros. */
export function gatherSparse(scope: Scope, node: Node, table: Value, indices: Value): Value {
  const output = scope.output(node)
  const [size, columns] = node.inputs[0].shape as number[]
  const run = (p: Pointers) => {
    const [from, to] = [table, output].map(value => floats(scope, p, value))
    to.fill(0)
    forEachPiece(table.pattern!, readIndices(scope, p, indices, size), columns, (at, place, width) => {
      for (let w = 0; w < width; w++) to[place + w] = from[at + w]
    })
  }
  scope.add(run, [table, indices], [output])
  return output
}

/** Rows that are added at indices, at the kept places. */
export function addSampledRows(scope: Scope, node: Node, indices: Value, rows: Value, output: Value): void {
  const [size, columns] = node.outputs[0].shape as number[]
  const run = (p: Pointers) => {
    const [from, to] = [rows, output].map(value => floats(scope, p, value))
    to.fill(0)
    forEachPiece(output.pattern!, readIndices(scope, p, indices, size), columns, (at, place, width) => {
      for (let w = 0; w < width; w++) to[at + w] += from[place + w]
    })
  }
  scope.add(run, [indices, rows], [output])
}

/**
 * Calls `visit` for each piece of a block in the rows that are named: with the index of its first number, its place among
 * the rows that are named, and its width.
 */
function forEachPiece(
  { pattern: { block, starts, columns } }: PlacedPattern,
  rows: Int32Array,
  rowLength: number,
  visit: (at: number, place: number, width: number) => void,
): void {
  const [height, width] = block
  rows.forEach((row, i) => {
    const r = Math.floor(row / height)
    const inBlock = row % height
    for (let k = starts[r]; k < starts[r + 1]; k++)
      visit((k * height + inBlock) * width, i * rowLength + columns[k], width)
  })
}
