/**
 * Products of matrices. The gradient of one matrix that meets many rows is an {@link outerSum}: whatever leading axes the
 * rows have, also those that a loop's steps add, are summed over in one product.
 */
import { ShapeError } from '../../errors.ts'
import { applySingle, type Dim, type Operator, type SparseType, sameShape, type Tensor } from '../tensor.ts'

export interface Transposed {
  /** The operand's last two axes are taken in exchanged order. */
  readonly a: boolean
  readonly b: boolean
}

// Both have two axes at least, checked before.
const rows = (x: Tensor, transposed: boolean): Dim => x.shape.at(transposed ? -1 : -2)!
const columns = (x: Tensor, transposed: boolean): Dim => x.shape.at(transposed ? -2 : -1)!

export const matmulOperator: Operator<Transposed> = {
  name: 'matmul',
  product: true,
  takesSparse: true,
  infer([a, b], transposed) {
    if (a.rank < 2 || b.rank < 2) throw new ShapeError(`matmul: ${a} and ${b}: matrices have two axes at least`)
    if (a.dtype !== b.dtype) throw new ShapeError(`matmul: ${a} and ${b} differ in type`)
    if (a.sparse || (b.sparse && transposed.a))
      throw new ShapeError(
        `matmul: ${a} and ${b}: a sparse operand has to be the second, of a first that is not transposed`,
      )
    const inner = [columns(a, transposed.a), rows(b, transposed.b)]
    if (inner[0] !== inner[1])
      throw new ShapeError(`matmul: ${a} and ${b} do not fit: inner dimension ${inner[0]} against ${inner[1]}`)
    const lead = b.rank === 2 ? a.shape.slice(0, -2) : b.shape.slice(0, -2)
    if (b.rank > 2 && !sameShape(a.shape.slice(0, -2), lead))
      throw new ShapeError(`matmul: ${a} and ${b} differ in their leading dimensions`)
    return [{ dtype: a.dtype, shape: [...lead, rows(a, transposed.a), columns(b, transposed.b)] }]
  },
  batch(node, [a, b], [aBatched, bBatched]) {
    if (bBatched) return aBatched && b.rank > 2 ? [applySingle(matmulOperator, [a, b], node.attributes)] : undefined
    return b.rank === 2 && !node.attributes.a ? [applySingle(matmulOperator, [a, b], node.attributes)] : undefined
  },
}
/**
 * The product of matrices a […, M, K] and b […, K, N] → […, M, N], one for each of the leading dimensions, which are the
 * same; or a […, M, K] and one matrix b [K, N] for all of them.
 * @param transposed `a`: a is […, K, M]; `b`: b is […, N, K]
 */
export function matmul(a: Tensor, b: Tensor, transposed: Partial<Transposed> = {}): Tensor {
  return applySingle(matmulOperator, [a, b], { a: transposed.a ?? false, b: transposed.b ?? false })
}

export const outerSumOperator: Operator<{ readonly sparse?: SparseType }> = {
  name: 'outerSum',
  product: true,
  infer([x, y], { sparse }) {
    if (x.rank < 2 || !sameShape(x.shape.slice(0, -1), y.shape.slice(0, -1)))
      throw new ShapeError(`outerSum: ${x} and ${y} differ in their leading dimensions`)
    return [{ dtype: x.dtype, shape: [...x.shape.slice(-1), ...y.shape.slice(-1)], sparse }]
  },
}
/**
 * The sum over all leading axes of the outer products of rows: x […, M] and y […, N] → [M, N].
 * @param sparse the result at the places of a pattern alone
 */
export function outerSum(x: Tensor, y: Tensor, sparse?: SparseType): Tensor {
  return applySingle(outerSumOperator, [x, y], { sparse })
}
/** The two operands of an {@link outerSum}; undefined for any other tensor. */
export function outerSumOperands(x: Tensor): readonly Tensor[] | undefined {
  return x.node.operator === outerSumOperator ? x.node.inputs : undefined
}

export const linearOperator: Operator<null> = {
  name: 'linear',
  product: true,
  takesSparse: true,
  infer([x, weight, bias]) {
    if (x.rank < 2 || weight.rank !== 2 || x.shape.at(-1) !== weight.shape[1])
      throw new ShapeError(`linear: ${x} does not fit the weight ${weight}`)
    if (x.sparse || bias.sparse) throw new ShapeError(`linear: of ${x} and ${bias} none may be sparse`)
    if (bias.rank !== 1 || bias.shape[0] !== weight.shape[0])
      throw new ShapeError(`linear: the bias ${bias} does not fit the weight ${weight}`)
    return [{ dtype: x.dtype, shape: x.shape.with(-1, weight.shape[0]) }]
  },
  batch: (node, inputs, [, weightBatched, biasBatched]) =>
    weightBatched || biasBatched ? undefined : [applySingle(node.operator, inputs, null)],
}
/** x·weightᵀ + bias: x […, K], weight [N, K] and bias [N] give […, N]. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return applySingle(linearOperator, [x, weight, bias], null)
}
