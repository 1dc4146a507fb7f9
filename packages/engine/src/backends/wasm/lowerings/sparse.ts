/**
 * Sparse matrices: products, sampled products, rows. For kernels rows of activations are laid out as lanes, [columns][lanes],
 * once for all products that have them: forward, backward and sampled.
 */
import type { Node, Tensor } from '../../../graph/tensor.ts'
import type { PlacedPattern } from '../arrays.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { floats, readIndices } from './reading.ts'

const lanesFor = (rows: number) => 4 * Math.ceil(rows / 4)

/** Rows as lanes. */
function asLanes(scope: Scope, tensor: Tensor, x: Value, columns: number): Value {
  return scope.derived(tensor, 'lanes', owner => {
    const rows = x.size / columns
    const lanes = owner.buffer('float32', [columns, lanesFor(rows)])
    const [from, to] = [x.slot.index, lanes.slot.index]
    owner.add(p => owner.kernels.transpose(p[from], 4 * columns, rows, columns, p[to], lanesFor(rows)), [x], [lanes])
    return lanes
  })
}

/** Calls `visit` with each kept number's index, row and column. */
function forEachKept(
  { pattern: { block, starts, columns } }: PlacedPattern,
  visit: (at: number, row: number, column: number) => void,
  from = 0,
  to = starts.length - 1,
): void {
  const [height, width] = block
  let at = starts[from] * height * width
  for (let r = from; r < to; r++)
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
  const lanes = lanesFor(count)
  const a = asLanes(scope, node.inputs[0], x, from)
  const y = scope.buffer('float32', [to, lanes])
  const [i, j, k, w, b] = [a, y, output, weight, bias].map(value => value?.slot.index ?? -1)
  const run = (p: Pointers) => {
    const { starts, places, rows } = pattern
    if (transposed) {
      scope.memory.bytes.fill(0, p[j], p[j] + 4 * to * lanes)
      kernels.sparseTransposed(starts, places, p[w], height, width, p[i], p[j], lanes, 0, rows)
    } else kernels.sparseForward(starts, places, p[w], height, width, p[i], p[j], lanes, 0, rows)
    kernels.transpose(p[j], 4 * lanes, to, count, p[k], to)
    if (bias) kernels.binary(0, p[k], 4, 4 * to, p[b], 4, 0, p[k], count, to)
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
  const a = asLanes(scope, node.inputs[0], x, rows)
  const b = asLanes(scope, node.inputs[1], y, columns)
  const [i, j, w] = [a, b, output].map(({ slot }) => slot.index)
  const lanes = lanesFor(count)
  scope.add(
    p => {
      const { starts, places } = pattern
      scope.kernels.sparseSampled(starts, places, p[w], height, width, p[i], p[j], lanes, 0, pattern.rows)
    },
    [a, b],
    [output],
  )
}

/** Rows of a sparse table, with their zeros. */
export function gatherSparse(scope: Scope, node: Node, table: Value, indices: Value): Value {
  const output = scope.output(node)
  const pattern = table.pattern!
  const [size, columns] = node.inputs[0].shape as number[]
  const [height] = pattern.pattern.block
  const run = (p: Pointers) => {
    const [from, to] = [table, output].map(value => floats(scope, p, value))
    to.fill(0)
    readIndices(scope, p, indices, size).forEach((index, i) => {
      const block = Math.floor(index / height)
      const visit = (at: number, row: number, column: number) => {
        if (row === index) to[i * columns + column] = from[at]
      }
      forEachKept(pattern, visit, block, block + 1)
    })
  }
  scope.add(run, [table, indices], [output])
  return output
}

/** Rows that are added at indices, at the kept places. */
export function addSampledRows(scope: Scope, node: Node, indices: Value, rows: Value, output: Value): void {
  const pattern = output.pattern!
  const [size, columns] = node.outputs[0].shape as number[]
  const [height] = pattern.pattern.block
  const run = (p: Pointers) => {
    const [from, to] = [rows, output].map(value => floats(scope, p, value))
    to.fill(0)
    readIndices(scope, p, indices, size).forEach((index, i) => {
      const block = Math.floor(index / height)
      const visit = (at: number, row: number, column: number) => {
        if (row === index) to[at] += from[i * columns + column]
      }
      forEachKept(pattern, visit, block, block + 1)
    })
  }
  scope.add(run, [indices, rows], [output])
}
