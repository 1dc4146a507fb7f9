/** Operators that work number by number: arithmetic, functions, comparisons and casts. */
import { ShapeError } from '../errors.ts'
import { apply1, broadcastShapes, type DType, type Operator, sameShape, type Tensor } from '../tensor.ts'
import { sumTo } from './reduction.ts'
import { constant } from './source.ts'

type Binary = Operator<null>

function binary(
  name: string,
  onnx: string,
  gradient?: (a: Tensor, b: Tensor, g: Tensor) => [Tensor, Tensor],
  result?: DType,
): Binary {
  return {
    name,
    infer([a, b]) {
      if (a.dtype !== b.dtype) throw new ShapeError(`${name}: ${a} and ${b} differ in type`)
      return [{ dtype: result ?? a.dtype, shape: broadcastShapes(name, a, b) }]
    },
    emit: (emitter, inputs) => emitter.add(onnx, inputs),
    gradient:
      gradient &&
      (({ inputs: [a, b] }, [g]) => {
        const [da, db] = gradient(a, b, g!)
        return [sumTo(da, a.shape), sumTo(db, b.shape)]
      }),
    lift: (node, inputs, lifted) =>
      // An operand without the new axis must not have more axes than the result had: it would be taken for the axis.
      inputs.every((x, i) => lifted[i] || x.rank <= node.outputs[0].rank) &&
      inputs.every((x, i) => !lifted[i] || x.rank === node.outputs[0].rank + 1)
        ? [apply1(node.operator, inputs, null)]
        : undefined,
  }
}

const addOperator = binary('add', 'Add', (_a, _b, g) => [g, g])
const subOperator = binary('sub', 'Sub', (_a, _b, g) => [g, neg(g)])
const mulOperator = binary('mul', 'Mul', (a, b, g) => [mul(g, b), mul(g, a)])
const divOperator = binary('div', 'Div', (a, b, g) => [div(g, b), neg(div(mul(g, a), mul(b, b)))])
const maximumOperator = binary('maximum', 'Max', (a, b, g) => {
  const first = cast(greater(a, b), a.dtype)
  return [mul(g, first), mul(g, sub(1, first))]
})
const minimumOperator = binary('minimum', 'Min', (a, b, g) => {
  const first = cast(less(a, b), a.dtype)
  return [mul(g, first), mul(g, sub(1, first))]
})
const greaterOperator = binary('greater', 'Greater', undefined, 'bool')
const lessOperator = binary('less', 'Less', undefined, 'bool')
const equalOperator = binary('equal', 'Equal', undefined, 'bool')

/** An operand: a tensor, or a number that takes the other operand's type. */
export type Operand = Tensor | number

function pair(a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === 'number' && typeof b === 'number') throw new ShapeError('two numbers where a tensor is wanted')
  if (typeof a === 'number') return [constant(a, (b as Tensor).dtype), b as Tensor]
  if (typeof b === 'number') return [a, constant(b, a.dtype)]
  return [a, b]
}
const two = (operator: Binary) => (a: Operand, b: Operand) => apply1(operator, pair(a, b), null)

/** a + b, broadcast. */
export const add = two(addOperator)
/** a - b, broadcast. */
export const sub = two(subOperator)
/** a * b, number by number, broadcast. */
export const mul = two(mulOperator)
/** a / b, broadcast. */
export const div = two(divOperator)
/** The larger of a and b; where they are equal the gradient goes to b. */
export const maximum = two(maximumOperator)
/** The smaller of a and b; where they are equal the gradient goes to b. */
export const minimum = two(minimumOperator)
/** a > b, as bool. */
export const greater = two(greaterOperator)
/** a < b, as bool. */
export const less = two(lessOperator)
/** a = b, as bool. */
export const equal = two(equalOperator)

type Unary = Operator<null>

function unary(name: string, onnx: string, gradient: (x: Tensor, y: Tensor, g: Tensor) => Tensor): Unary {
  return {
    name,
    infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
    emit: (emitter, inputs) => emitter.add(onnx, inputs),
    gradient: ({ inputs: [x], outputs: [y] }, [g]) => [gradient(x, y, g!)],
    lift: (node, inputs) => [apply1(node.operator, inputs, null)],
  }
}
const negOperator = unary('neg', 'Neg', (_x, _y, g) => neg(g))
const expOperator = unary('exp', 'Exp', (_x, y, g) => mul(g, y))
const logOperator = unary('log', 'Log', (x, _y, g) => div(g, x))
const sqrtOperator = unary('sqrt', 'Sqrt', (_x, y, g) => div(mul(g, 0.5), y))
const tanhOperator = unary('tanh', 'Tanh', (_x, y, g) => mul(g, sub(1, mul(y, y))))
const absOperator = unary('abs', 'Abs', (x, _y, g) => mul(g, sign(x)))

// ONNX Runtime's CPU provider has Sigmoid and Sign for what is asked of it here; sign carries no gradient.
const sigmoidOperator = unary('sigmoid', 'Sigmoid', (_x, y, g) => mul(g, mul(y, sub(1, y))))
const signOperator: Unary = { ...unary('sign', 'Sign', (_x, _y, g) => g), gradient: undefined }

const one = (operator: Unary) => (x: Tensor) => apply1(operator, [x], null)
export const neg = one(negOperator)
export const exp = one(expOperator)
/** Natural logarithm. */
export const log = one(logOperator)
export const sqrt = one(sqrtOperator)
export const tanh = one(tanhOperator)
export const abs = one(absOperator)
/** 1 / (1 + e^-x). */
export const sigmoid = one(sigmoidOperator)
export const sign = one(signOperator)

const castOperator: Operator<{ to: DType }> = {
  name: 'cast',
  infer: ([x], { to }) => [{ dtype: to, shape: x.shape }],
  emit: (emitter, inputs, node) => emitter.add('Cast', inputs, { to: { dtype: node.attributes.to } }),
  gradient: ({ inputs: [x] }, [g]) => [x.dtype.startsWith('float') ? cast(g!, x.dtype) : undefined],
  lift: (node, inputs) => [apply1(node.operator, inputs, node.attributes)],
}
/** The same numbers in another type; the gradient flows between floating-point types only. */
export function cast(x: Tensor, to: DType): Tensor {
  return x.dtype === to ? x : apply1(castOperator, [x], { to })
}

const whereOperator: Operator<null> = {
  name: 'where',
  infer([condition, a, b]) {
    if (condition.dtype !== 'bool') throw new ShapeError(`where: the condition ${condition} is not bool`)
    if (a.dtype !== b.dtype) throw new ShapeError(`where: ${a} and ${b} differ in type`)
    const shape = broadcastShapes('where', a, b)
    return [
      { dtype: a.dtype, shape: broadcastShapes('where', condition, { ...a, shape, rank: shape.length } as Tensor) },
    ]
  },
  emit: (emitter, inputs) => emitter.add('Where', inputs),
  gradient({ inputs: [condition, a, b] }, [g]) {
    const zero = constant(0, a.dtype)
    const da = apply1(whereOperator, [condition, g!, zero], null)
    const db = apply1(whereOperator, [condition, zero, g!], null)
    return [undefined, sumTo(da, a.shape), sumTo(db, b.shape)]
  },
}
/** a where the condition holds, else b; broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return apply1(whereOperator, [condition, ...pair(a, b)], null)
}

/** a + b for cotangents, either of which may be absent (zero). */
export function accumulate(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  return a && b ? add(a, b) : (a ?? b)
}

/** Takes a product of rows […, N] and one number for each row […, 1] apart; undefined for anything else. */
export function scaledRows(x: Tensor): { rows: Tensor; scale: Tensor } | undefined {
  if (x.node.operator !== mulOperator) return undefined
  const [rows, scale] = x.node.inputs
  const fits = rows.rank === x.rank && scale.rank === x.rank && scale.shape.at(-1) === 1
  return fits && sameShape(rows.shape, x.shape) && sameShape(scale.shape.slice(0, -1), x.shape.slice(0, -1))
    ? { rows, scale }
    : undefined
}
