/** Operators that look rows or numbers up by integer indices, or add at those places. */
import { ShapeError } from '../../errors.ts'
import { apply, applySingle, type Operator, type Shape, type SparseType, sameShape, type Tensor } from '../tensor.ts'

export const gatherOperator: Operator<null> = {
  name: 'gather',
  takesSparse: true,
  infer: ([table, indices]) => [{ dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] }],
  batch: (node, inputs, [tableBatched]) => (tableBatched ? undefined : [applySingle(node.operator, inputs, null)]),
}
/** Rows of a table: [V, …] at indices [I…] gives [I…, …]. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return applySingle(gatherOperator, [table, indices], null)
}

export const scatterAddOperator: Operator<{ shape: Shape; sparse?: SparseType }> = {
  name: 'scatterAdd',
  infer: ([_indices, rows], { shape, sparse }) => [{ dtype: rows.dtype, shape, sparse }],
}
/**
 * Zeros of shape [V, …] with rows [I…, …] added at indices [I…]: the gradient of {@link gather}.
 * @param sparse the result at the places of a pattern alone
 */
export function scatterAdd(shape: Shape, indices: Tensor, rows: Tensor, sparse?: SparseType): Tensor {
  return applySingle(scatterAddOperator, [indices, rows], { shape, sparse })
}

export const takeAlongLastOperator: Operator<null> = {
  name: 'takeAlongLast',
  infer([x, indices]) {
    if (!sameShape(x.shape.slice(0, -1), indices.shape))
      throw new ShapeError(`takeAlongLast: ${indices} does not index ${x}`)
    return [{ dtype: x.dtype, shape: indices.shape }]
  },
}
/** One number of each row: x[…, V] at indices […] gives […]. */
export function takeAlongLast(x: Tensor, indices: Tensor): Tensor {
  return applySingle(takeAlongLastOperator, [x, indices], null)
}

export const scatterAddLastOperator: Operator<null> = {
  name: 'scatterAddLast',
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
}
/** x[…, V] with values […] added, one in each row, at indices […]. */
export function scatterAddLast(x: Tensor, indices: Tensor, values: Tensor): Tensor {
  return applySingle(scatterAddLastOperator, [x, indices, values], null)
}

export const logSoftmaxPassthroughOperator: Operator<null> = {
  name: 'logSoftmaxPassthrough',
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
}
export const nllFromLogSoftmaxOperator: Operator<{ smoothing: number }> = {
  name: 'nllFromLogSoftmax',
  infer: ([logProbabilities, labels]) => [{ dtype: logProbabilities.dtype, shape: labels.shape }],
}
/** The gradient of the two together: operands are those of the likelihood and its cotangent. */
export const crossEntropySlopeOperator: Operator<{ smoothing: number }> = {
  name: 'crossEntropySlope',
  infer: ([logProbabilities]) => [{ dtype: logProbabilities.dtype, shape: logProbabilities.shape }],
}

/**
 * -log softmax(logits)[label], for logits […, V] and labels […] (int64); gives […].
 * With smoothing s the label counts 1 - s, and every token s / V besides (Szegedy et al. 2016, section 7).
 *
 * The gradient with respect to the logits, g (softmax - label), takes one pass over […, V], from the log probabilities
 * that the forward pass made: the rule of the negative log likelihood gives all of it, and the log-softmax passes it on
 * unchanged. The two rules are right only together, so neither operator is exported.
 */
export function crossEntropy(logits: Tensor, labels: Tensor, smoothing = 0): Tensor {
  if (!sameShape(logits.shape.slice(0, -1), labels.shape))
    throw new ShapeError(`crossEntropy: labels ${labels} do not fit logits ${logits}`)
  const logProbabilities = applySingle(logSoftmaxPassthroughOperator, [logits], null)
  return applySingle(nllFromLogSoftmaxOperator, [logProbabilities, labels], { smoothing })
}

export const topKOperator: Operator<null> = {
  name: 'topK',
  infer([x]) {
    const shape = x.shape.with(-1, 'count')
    return [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ]
  },
}
/** The largest numbers of each row, descending, and their indices; `count` is an int64 vector of one number. */
export function topK(x: Tensor, count: Tensor): [values: Tensor, indices: Tensor] {
  const [values, indices] = apply(topKOperator, [x, count], null)
  return [values, indices]
}
