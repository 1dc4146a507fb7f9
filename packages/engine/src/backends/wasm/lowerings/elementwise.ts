/** Functions number by number: kernels for float32, plain TypeScript for every other type. */
import * as operators from '../../../graph/operators/elementwise.ts'
import type { DType, Node } from '../../../graph/tensor.ts'
import type { NumberArray } from '../../backend.ts'
import { UNIT, unitsOf } from '../kernels.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { forEachPlace, walk } from './broadcast.ts'
import { entry, type Lowering } from './lowering.ts'

/** Numbers of an array of any type: `bigint` for int64, but then of all operands, so that arithmetic is the same. */
type Scalar = number
type Function = (...x: Scalar[]) => Scalar | boolean

/** An array of any type, as one of numbers: TypeScript has no type for arithmetic on either kind. */
const scalars = (array: NumberArray) => array as unknown as Record<number, Scalar | boolean> & { length: number }

/** Computes a function in TypeScript. @param f as the type of the operands needs it */
export function plain(scope: Scope, inputs: readonly Value[], output: Value, f: Function): void {
  const path = walk(
    output.shape,
    inputs.map(({ shape }) => shape),
  )
  const [count] = path.sizes.slice(-1)
  const last = path.strides.map(own => own[own.length - 1])
  const run = (p: Pointers) => {
    const y = scalars(scope.memory.view(output.dtype, p[output.slot.index], output.size))
    const views = inputs.map(
      x => scalars(scope.memory.view(x.dtype, p[x.slot.index], x.size)) as Record<number, number>,
    )
    const [a, b = a, c = a] = views
    const [i, j = 0, k = 0] = last
    let at = 0
    forEachPlace(path, 1, ([x, z = 0, w = 0]) => {
      for (let n = 0; n < count; n++) y[at++] = f(a[x + n * i], b[z + n * j], c[w + n * k])
    })
  }
  scope.add(
    output.size > 0 ? run : () => {},
    inputs,
    [output],
    inputs.filter(x => x.size === output.size && x.dtype === output.dtype),
  )
}

/** A binary kernel over rows and columns; other axes are walked here. */
function binaryKernel(scope: Scope, inputs: readonly Value[], output: Value, op: number): void {
  const [a, b] = inputs
  const { kernels } = scope
  const path = walk(output.shape, [a.shape, b.shape])
  const rank = path.sizes.length
  const rows = rank > 1 ? path.sizes[rank - 2] : 1
  const count = path.sizes[rank - 1]
  const [[aStep, bStep], [aRow, bRow]] = [rank - 1, rank - 2].map(axis => path.strides.map(own => 4 * (own[axis] ?? 0)))
  const [i, j, y] = [a, b, output].map(({ slot }) => slot.index)
  const units = unitsOf(rows, count)
  const work = 4 * Math.min(count, UNIT)
  const run =
    rank <= 2
      ? (p: Pointers) => kernels.divide('binary', units, work, op, p[i], aStep, aRow, p[j], bStep, bRow, p[y], count)
      : (p: Pointers) => {
          let to = p[y]
          forEachPlace(path, 2, ([x, z]) => {
            const [left, right] = [p[i] + 4 * x, p[j] + 4 * z]
            kernels.divide('binary', units, work, op, left, aStep, aRow, right, bStep, bRow, to, count)
            to += 4 * rows * count
          })
        }
  scope.add(
    output.size > 0 ? run : () => {},
    inputs,
    [output],
    inputs.filter(x => x.size === output.size),
  )
}

function binary(op: number | undefined, f: Function): Lowering {
  return (scope, inputs, node) => {
    const output = scope.output(node)
    if (op !== undefined && output.dtype === 'float32') binaryKernel(scope, inputs, output, op)
    else plain(scope, inputs, output, f)
    return [output]
  }
}

function unary(op: number | undefined, f: (x: number) => number): Lowering {
  return (scope, [x], node) => {
    const output = scope.output(node)
    if (op === undefined || x.dtype !== 'float32') plain(scope, [x], output, f)
    else {
      const [from, to] = [x.slot.index, output.slot.index]
      const units = unitsOf(1, x.size)
      const run = (p: Pointers) => scope.kernels.divide('unary', units, 16 * UNIT, op, p[from], p[to], x.size)
      scope.add(run, [x], [output], [x])
    }
    return [output]
  }
}

/** Zero and one of an operand's own kind, for functions that return whole numbers. */
const like = (x: number, value: number) => (typeof x === 'bigint' ? (BigInt(value) as unknown as number) : value)
const logarithm: Lowering = (scope, [x], node) => {
  const output = scope.output(node)
  if (x.dtype !== 'float32') plain(scope, [x], output, Math.log)
  else {
    const [from, to] = [x.slot.index, output.slot.index]
    scope.add(p => scope.kernels.divide('logarithm', x.size, 32, p[from], p[to]), [x], [output], [x])
  }
  return [output]
}

const cast: Lowering<{ to: DType }> = (scope, [x], node) => {
  const output = scope.output(node)
  const from = x.dtype
  const { to } = node.attributes
  plain(scope, [x], output, value => {
    if (to === 'bool') return value !== like(value, 0) ? 1 : 0
    // An array of int64 takes big integers only, and the others numbers only.
    if (to === 'int64') return from === 'int64' ? value : (BigInt(Math.trunc(value)) as unknown as number)
    return Number(value)
  })
  return [output]
}

const where: Lowering = (scope, inputs, node: Node) => {
  const output = scope.output(node)
  plain(scope, inputs, output, (condition, a, b) => (condition !== 0 ? a : b))
  return [output]
}

/** The codes of kernels: assembly/elementwise.ts. */
export const elementwiseLowerings = [
  entry(
    operators.addOperator,
    binary(0, (a, b) => a + b),
  ),
  entry(
    operators.subOperator,
    binary(1, (a, b) => a - b),
  ),
  entry(
    operators.mulOperator,
    binary(2, (a, b) => a * b),
  ),
  entry(
    operators.divOperator,
    binary(3, (a, b) => a / b),
  ),
  entry(
    operators.maximumOperator,
    binary(4, (a, b) => (a > b || Number.isNaN(a) ? a : b)),
  ),
  entry(
    operators.minimumOperator,
    binary(5, (a, b) => (a < b || Number.isNaN(a) ? a : b)),
  ),
  entry(
    operators.greaterOperator,
    binary(undefined, (a, b) => a > b),
  ),
  entry(
    operators.lessOperator,
    binary(undefined, (a, b) => a < b),
  ),
  entry(
    operators.equalOperator,
    binary(undefined, (a, b) => a === b),
  ),
  entry(
    operators.negOperator,
    unary(0, x => -x),
  ),
  entry(operators.expOperator, unary(1, Math.exp)),
  entry(operators.logOperator, logarithm),
  entry(operators.sqrtOperator, unary(2, Math.sqrt)),
  entry(operators.tanhOperator, unary(3, Math.tanh)),
  entry(
    operators.absOperator,
    unary(4, x => (x < like(x, 0) ? -x : x)),
  ),
  entry(
    operators.sigmoidOperator,
    unary(5, x => 1 / (1 + Math.exp(-x))),
  ),
  entry(
    operators.signOperator,
    unary(undefined, x => like(x, x > 0 ? 1 : x < 0 ? -1 : 0)),
  ),
  entry(operators.castOperator, cast),
  entry(operators.whereOperator, where),
]
