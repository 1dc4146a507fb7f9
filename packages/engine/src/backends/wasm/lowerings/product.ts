/** Products of dense matrices: kernels for float32, plain TypeScript for every other type. */
import * as operators from '../../../graph/operators/product.ts'
import type { Tensor } from '../../../graph/tensor.ts'
import { sizeOf } from '../../arrays.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { asking, type Lowering } from './lowering.ts'
import { sampledProduct, sparseProduct } from './sparse.ts'

/** Sizes of one product, and how operands lie: numbers between rows and between columns. */
interface Product {
  readonly rows: number
  readonly columns: number
  readonly depth: number
  readonly a: { readonly row: number; readonly column: number }
  readonly b: { readonly row: number; readonly column: number }
}

const layoutOf = (rows: number, columns: number, transposed: boolean) =>
  transposed ? { row: 1, column: rows } : { row: columns, column: 1 }

/** Numbers of the panels of a right operand. */
const panelNumbers = ({ depth, columns }: Product) => depth * 8 * Math.ceil(columns / 8)

/** The right operand in panels, laid out once for all products that have it. */
function packed(scope: Scope, tensor: Tensor, b: Value, product: Product): Value {
  return scope.derived(tensor, `panels ${product.depth} × ${product.columns}, ${product.b.row} apart`, owner => {
    const panels = owner.buffer('float32', [panelNumbers(product)])
    const { b: layout, depth, columns } = product
    const [from, to] = [b.slot.index, panels.slot.index]
    const run = (p: Pointers) =>
      owner.kernels.divide(
        ...(['pack', Math.ceil(columns / 8), 32 * depth] as const),
        ...([p[from], 4 * layout.row, 4 * layout.column, depth, columns, p[to]] as const),
      )
    owner.add(run, [b], [panels])
    return panels
  })
}

/** Rows of a unit of a product: assembly/dense.ts. */
const ROWS = 64

/** One product of float32. */
function addProduct(
  scope: Scope,
  product: Product,
  a: Value,
  right: { readonly tensor: Tensor; readonly value: Value },
  bias: Value | undefined,
  output: Value,
): void {
  const panels = packed(scope, right.tensor, right.value, product)
  const [i, j, k, c] = [a, panels, bias, output].map(value => value?.slot.index ?? -1)
  const [aRow, aColumn] = [4 * product.a.row, 4 * product.a.column]
  const { rows, columns, depth } = product
  const units = Math.ceil(rows / ROWS) * Math.ceil(columns / 8)
  const work = 8 * Math.min(rows, ROWS) * depth
  const run = (p: Pointers) => {
    const added = bias ? p[k] : 0
    scope.kernels.divide('multiply', units, work, p[i], aRow, aColumn, p[j], added, p[c], rows, columns, depth)
  }
  scope.add(run, bias ? [a, panels, bias] : [a, panels], [output])
}

/** Products for each of the leading dimensions; the right operand is laid out for each. */
function addProducts(scope: Scope, product: Product, count: number, a: Value, b: Value, output: Value): void {
  const size = panelNumbers(product)
  const panels = scope.buffer('float32', [count * size])
  const { rows, columns, depth, a: left, b: right } = product
  const bStep = b.shape.length > 2 ? 4 * depth * columns : 0
  const [i, j, k, c] = [a, panels, b, output].map(({ slot }) => slot.index)
  const run = (p: Pointers) =>
    scope.kernels.divide(
      ...(['multiplyEach', count, rows * columns * depth] as const),
      ...([p[i], 4 * rows * depth, 4 * left.row, 4 * left.column] as const),
      ...([p[k], bStep, 4 * right.row, 4 * right.column, p[j], 4 * size] as const),
      ...([p[c], rows, columns, depth] as const),
    )
  scope.add(run, [a, b], [output, panels])
}

/** Products of any other type of floats. */
function addPlainProducts(
  scope: Scope,
  product: Product,
  count: number,
  a: Value,
  b: Value,
  bias: Value | undefined,
  output: Value,
): void {
  const { rows, columns, depth, a: left, b: right } = product
  const bStep = b.shape.length > 2 ? depth * columns : 0
  const view = (p: Pointers, x: Value) => scope.memory.view(x.dtype, p[x.slot.index], x.size) as Float64Array
  scope.add(
    p => {
      const [x, y, z] = [view(p, a), view(p, b), view(p, output)]
      const added = bias && view(p, bias)
      for (let n = 0; n < count; n++)
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) {
            let sum = added ? added[j] : 0
            for (let k = 0; k < depth; k++)
              sum +=
                x[n * rows * depth + i * left.row + k * left.column] * y[n * bStep + k * right.row + j * right.column]
            z[(n * rows + i) * columns + j] = sum
          }
    },
    bias ? [a, b, bias] : [a, b],
    [output],
  )
}

const matmul: Lowering<operators.Transposed> = (scope, _inputs, node) => {
  const { a: ta, b: tb } = node.attributes
  if (node.inputs[1].sparse) return [sparseProduct(scope, node, !tb)]
  const [a, b] = node.inputs.map(x => scope.value(x))
  const output = scope.output(node)
  const lead = a.shape.slice(0, -2)
  const [m, n] = a.shape.slice(-2)
  const single = b.shape.length === 2 && (!ta || a.shape.length === 2)
  const [rows, depth] = ta ? [n, m] : [m, n]
  const columns = b.shape[b.shape.length - (tb ? 2 : 1)]
  const all = single ? rows * sizeOf(lead) : rows
  const product = {
    rows: all,
    columns,
    depth,
    a: layoutOf(all, depth, ta),
    b: layoutOf(depth, columns, tb),
  }
  const count = single ? 1 : sizeOf(lead)
  if (a.dtype !== 'float32') addPlainProducts(scope, product, count, a, b, undefined, output)
  else if (single) addProduct(scope, product, a, { tensor: node.inputs[1], value: b }, undefined, output)
  else addProducts(scope, product, count, a, b, output)
  return [output]
}

/** The leading axes of an array of rows, as one number. */
const rowsOf = (x: Value) => sizeOf(x.shape.slice(0, -1))

/** Σ of rows, each times a number. */
function addWeightedSum(scope: Scope, weights: Value, rows: Value, output: Value): void {
  const [from, by, to] = [rows, weights, output].map(({ slot }) => slot.index)
  const units = Math.ceil(output.size / 256)
  const run = (p: Pointers) =>
    scope.kernels.divide(
      ...(['sumColumns', units, 1024 * weights.size] as const),
      ...([p[from], p[by], p[to], weights.size, output.size] as const),
    )
  scope.add(run, [rows, weights], [output])
}

const outerSum: Lowering = (scope, _inputs, node) => {
  if (node.outputs[0].sparse) return [sampledProduct(scope, node)]
  const [x, y] = node.inputs.map(x => scope.value(x))
  const output = scope.output(node)
  const [rows, columns] = output.shape
  const depth = rowsOf(x)
  const product = { rows, columns, depth, a: layoutOf(rows, depth, true), b: layoutOf(depth, columns, false) }
  if (x.dtype === 'float32' && rows === 1) addWeightedSum(scope, x, y, output)
  else if (x.dtype === 'float32') addProduct(scope, product, x, { tensor: node.inputs[1], value: y }, undefined, output)
  else addPlainProducts(scope, product, 1, x, { ...y, shape: [depth, columns] }, undefined, output)
  return [output]
}

const linear: Lowering = (scope, _inputs, node) => {
  if (node.inputs[1].sparse) return [sparseProduct(scope, node, false)]
  const [x, weight, bias] = node.inputs.map(x => scope.value(x))
  const output = scope.output(node)
  const [columns, depth] = weight.shape
  const rows = rowsOf(x)
  const product = { rows, columns, depth, a: layoutOf(rows, depth, false), b: layoutOf(depth, columns, true) }
  if (x.dtype === 'float32') addProduct(scope, product, x, { tensor: node.inputs[1], value: weight }, bias, output)
  else addPlainProducts(scope, product, 1, x, weight, bias, output)
  return [output]
}

export const productLowerings = [
  asking(operators.matmulOperator, matmul),
  asking(operators.outerSumOperator, outerSum),
  asking(operators.linearOperator, linear),
]
