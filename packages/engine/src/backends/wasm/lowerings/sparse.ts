/** Sparse matrices: products, sampled products, rows. Kernels take and give activations in panels. */
import type { Node } from '../../../graph/tensor.ts'
import type { PlacedPattern } from '../arrays.ts'
import { LANES, panelBuffer, panelsFor } from '../panels.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { floats, readIndices } from './reading.ts'

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

/** x·Wᵀ, or x·W (`transposed`), for a sparse W and rows x; and a bias where the node has one. */
export function sparseProduct(scope: Scope, node: Node, transposed: boolean): Value {
  const [rows, columns] = node.inputs[1].shape as number[]
  const [weight, bias] = node.inputs.slice(1).map(x => scope.value(x))
  const sizes = transposed ? { from: rows, to: columns } : { from: columns, to: rows }
  if (node.inputs[0].dtype === 'float32') return addKernel(scope, node, { weight, bias, transposed, ...sizes })
  const x = scope.value(node.inputs[0])
  const output = scope.output(node)
  const count = x.size / sizes.from
  const run = (p: Pointers) => {
    const [a, w, y] = [x, weight, output].map(value => floats(scope, p, value))
    y.fill(0)
    // The weights are sparse.
    forEachKept(weight.pattern!, (at, row, column) => {
      const [i, j] = transposed ? [row, column] : [column, row]
      for (let n = 0; n < count; n++) y[n * sizes.to + j] += w[at] * a[n * sizes.from + i]
    })
    const added = bias && floats(scope, p, bias)
    if (added) for (let i = 0; i < y.length; i++) y[i] += added[i % added.length]
  }
  scope.add(run, bias ? [x, weight, bias] : [x, weight], [output])
  return output
}

interface Operands {
  readonly weight: Value
  readonly bias: Value | undefined
  readonly transposed: boolean
  /** The columns of x and of the result. */
  readonly from: number
  readonly to: number
}

function addKernel(scope: Scope, node: Node, { weight, bias, transposed, from, to }: Operands): Value {
  const { kernels } = scope
  const x = scope.panels(node.inputs[0])
  const y = panelBuffer(scope, scope.resolve(node.outputs[0].shape))
  const [i, j, w, b] = [x, y, weight, bias].map(value => value?.slot.index ?? -1)
  // The weights are sparse.
  const { starts, places, kept, pattern } = weight.pattern!
  const [height, width] = pattern.block
  const panels = panelsFor(x.size / from)
  const work = kept * LANES
  const run = (p: Pointers) => {
    const matrix = [starts, places, p[w], height, width] as const
    if (transposed) kernels.divide('sparseTransposed', panels, work, ...matrix, p[i], from, p[j], to)
    else kernels.divide('sparseForward', panels, work, ...matrix, p[i], from, bias ? p[b] : 0, p[j], to)
  }
  scope.add(run, bias ? [x, weight, bias] : [x, weight], [y])
  return y
}

/** Σ over rows of xᵀ·y at the kept places. */
export function sampledProduct(scope: Scope, node: Node): Value {
  const output = scope.output(node)
  // The result is sparse.
  const pattern = output.pattern!
  const [rows, columns] = node.outputs[0].shape as number[]
  const [height, width] = pattern.pattern.block
  if (output.dtype !== 'float32') {
    const [x, y] = node.inputs.map(input => scope.value(input))
    const run = (p: Pointers) => {
      const [a, b, w] = [x, y, output].map(value => floats(scope, p, value))
      w.fill(0)
      forEachKept(pattern, (at, row, column) => {
        for (let n = 0; n < x.size / rows; n++) w[at] += a[n * rows + row] * b[n * columns + column]
      })
    }
    scope.add(run, [x, y], [output])
    return output
  }
  const [x, y] = node.inputs.map(input => scope.panels(input))
  const [i, j, w] = [x, y, output].map(({ slot }) => slot.index)
  const count = x.size / rows
  const panels = panelsFor(count)
  const work = (pattern.kept / pattern.rows) * panels * LANES
  const run = (p: Pointers) => {
    const { starts, places } = pattern
    scope.kernels.clearPadding(p[i], rows, count)
    scope.kernels.clearPadding(p[j], columns, count)
    const matrix = [starts, places, p[w], height, width] as const
    scope.kernels.divide('sparseSampled', pattern.rows, work, ...matrix, p[i], rows, p[j], columns, panels)
  }
  scope.add(run, [x, y], [output])
  return output
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
