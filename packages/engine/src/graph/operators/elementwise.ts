/** Operators that work number by number: arithmetic, functions, comparisons and casts. */
import { ShapeError } from '../../errors.ts'
import { applySingle, broadcastShapes, type DType, type Operator, type SparseType, type Tensor } from '../tensor.ts'
import { constant } from './source.ts'

/** Two sparse operands have one pattern, which the result has too; with a sparse one goes a single number, nothing larger. */
function sparsePair(name: string, a: Tensor, b: Tensor): SparseType | undefined {
  const fits = a.sparse && b.sparse ? a.sparse.pattern === b.sparse.pattern : (a.sparse ? b : a).rank === 0
  if ((a.sparse || b.sparse) && !fits) throw new ShapeError(`${name}: ${a} and ${b} do not have one pattern`)
  return a.sparse ?? b.sparse
}

function binary(name: string, result?: DType): Operator<null> {
  return {
    name,
    elementwise: true,
    takesSparse: true,
    infer([a, b]) {
      if (a.dtype !== b.dtype) throw new ShapeError(`${name}: ${a} and ${b} differ in type`)
      return [{ dtype: result ?? a.dtype, shape: broadcastShapes(name, a, b), sparse: sparsePair(name, a, b) }]
    },
    batch: (node, inputs, batched) =>
      // An operand without the new axis must not have more axes than the result had: one would be taken for the new axis.
      inputs.every((x, i) => batched[i] || x.rank <= node.outputs[0].rank) &&
      inputs.every((x, i) => !batched[i] || x.rank === node.outputs[0].rank + 1)
        ? [applySingle(node.operator, inputs, null)]
        : undefined,
  }
}

export const addOperator = binary('add')
export const subOperator = binary('sub')
export const mulOperator = binary('mul')
export const divOperator = binary('div')
export const maximumOperator = binary('maximum')
export const minimumOperator = binary('minimum')
export const greaterOperator = binary('greater', 'bool')
export const lessOperator = binary('less', 'bool')
export const equalOperator = binary('equal', 'bool')

/** An operand: a tensor, or a number that takes the other operand's type. */
export type Operand = Tensor | number

function asTensors(operator: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a !== 'number') return [a, typeof b === 'number' ? constant(b, a.dtype) : b]
  if (typeof b !== 'number') return [constant(a, b.dtype), b]
  throw new ShapeError(`${operator}: ${a} and ${b} are both numbers; one operand has to be a tensor`)
}
const ofTwo = (operator: Operator<null>) => (a: Operand, b: Operand) =>
  applySingle(operator, asTensors(operator.name, a, b), null)

/** a + b, broadcast. */
export const add = ofTwo(addOperator)
/** a - b, broadcast. */
export const sub = ofTwo(subOperator)
/** a * b, number by number, broadcast. */
export const mul = ofTwo(mulOperator)
/** a / b, broadcast. */
export const div = ofTwo(divOperator)
/** The larger of a and b; where they are equal the gradient goes to b. */
export const maximum = ofTwo(maximumOperator)
/** The smaller of a and b; where they are equal the gradient goes to b. */
export const minimum = ofTwo(minimumOperator)
/** a > b, as bool. */
export const greater = ofTwo(greaterOperator)
/** a < b, as bool. */
export const less = ofTwo(lessOperator)
/** a = b, as bool. */
export const equal = ofTwo(equalOperator)

function unary(name: string): Operator<null> {
  return {
    name,
    elementwise: true,
    takesSparse: true,
    infer: ([x]) => [{ dtype: x.dtype, shape: x.shape, sparse: x.sparse }],
    batch: (node, inputs) => [applySingle(node.operator, inputs, null)],
  }
}
export const negOperator = unary('neg')
export const expOperator = unary('exp')
export const logOperator = unary('log')
export const sqrtOperator = unary('sqrt')
export const tanhOperator = unary('tanh')
export const absOperator = unary('abs')
export const sigmoidOperator = unary('sigmoid')
export const signOperator = unary('sign')

const ofOne = (operator: Operator<null>) => (x: Tensor) => applySingle(operator, [x], null)
/** -x. */
export const neg = ofOne(negOperator)
/** e^x. */
export const exp = ofOne(expOperator)
/** Natural logarithm. */
export const log = ofOne(logOperator)
/** Square root. */
export const sqrt = ofOne(sqrtOperator)
/** Hyperbolic tangent. */
export const tanh = ofOne(tanhOperator)
/** |x|; at 0 its gradient is 0. */
export const abs = ofOne(absOperator)
/** 1 / (1 + e^-x). */
export const sigmoid = ofOne(sigmoidOperator)
/** -1, 0 or 1; carries no gradient. */
export const sign = ofOne(signOperator)

export const castOperator: Operator<{ to: DType }> = {
  name: 'cast',
  elementwise: true,
  takesSparse: true,
  infer: ([x], { to }) => [{ dtype: to, shape: x.shape, sparse: x.sparse }],
  batch: (node, inputs) => [applySingle(node.operator, inputs, node.attributes)],
}
/** The same numbers in another type; the gradient flows between floating-point types only. */
export function cast(x: Tensor, to: DType): Tensor {
  return x.dtype === to ? x : applySingle(castOperator, [x], { to })
}

export const whereOperator: Operator<null> = {
  name: 'where',
  elementwise: true,
  infer([condition, a, b]) {
    if (condition.dtype !== 'bool') throw new ShapeError(`where: the condition ${condition} is not bool`)
    if (a.dtype !== b.dtype) throw new ShapeError(`where: ${a} and ${b} differ in type`)
    const shape = broadcastShapes('where', a, b)
    return [{ dtype: a.dtype, shape: broadcastShapes('where', condition, { dtype: a.dtype, shape }) }]
  },
}
/** a where the condition holds, else b; broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return applySingle(whereOperator, [condition, ...asTensors('where', a, b)], null)
}
