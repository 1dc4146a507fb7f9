/** Operators that look rows or numbers up by integer indices, and their gradients, which add at those places. */
import { ShapeError } from '../errors.ts'
import { apply, apply1, type Operator, type Shape, sameShape, type Tensor } from '../tensor.ts'
import { exp, mul, sub } from './elementwise.ts'
import { unsqueeze } from './layout.ts'
import { fill } from './source.ts'

const gatherOperator: Operator<null> = {
  name: 'gather',
  infer: ([table, indices]) => [{ dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] }],
  emit: (emitter, inputs) => emitter.add('Gather', inputs, { axis: 0 }),
  gradient: ({ inputs: [table, indices] }, [g]) => [scatterAdd(table.shape, indices, g!), undefined],
  lift: (node, inputs, [tableLifted]) => (tableLifted ? undefined : [apply1(node.operator, inputs, null)]),
}
/** Rows of a table: [V, …] at indices [I…] gives [I…, …]. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return apply1(gatherOperator, [table, indices], null)
}

const scatterAddOperator: Operator<{ shape: Shape }> = {
  name: 'scatterAdd',
  infer: ([_indices, rows], { shape }) => [{ dtype: rows.dtype, shape }],
  emit(emitter, [indices, rows], node) {
    const zeros = emitter.add('ConstantOfShape', [emitter.shape(node.attributes.shape)], {
      value: { tensor: { dtype: node.inputs[1].dtype, value: 0 } },
    })
    const places = emitter.add('Unsqueeze', [
      ...emitter.add('Cast', [indices], { to: { dtype: 'int64' } }),
      emitter.constant('int64', [-1]),
    ])
    return emitter.add('ScatterND', [...zeros, ...places, rows], { reduction: 'add' })
  },
  gradient: ({ inputs: [indices] }, [g]) => [undefined, gather(g!, indices)],
}
/** Zeros of shape [V, …] with rows [I…, …] added at indices [I…]: the gradient of {@link gather}. */
export function scatterAdd(shape: Shape, indices: Tensor, rows: Tensor): Tensor {
  return apply1(scatterAddOperator, [indices, rows], { shape })
}

const pickOperator: Operator<null> = {
  name: 'pick',
  infer([x, indices]) {
    if (!sameShape(x.shape.slice(0, -1), indices.shape)) throw new ShapeError(`pick: ${indices} does not index ${x}`)
    return [{ dtype: x.dtype, shape: indices.shape }]
  },
  emit(emitter, [x, indices]) {
    const last = emitter.constant('int64', [-1])
    const picked = emitter.add('GatherElements', [x, ...emitter.add('Unsqueeze', [indices, last])], { axis: -1 })
    return emitter.add('Squeeze', [...picked, last])
  },
  gradient: ({ inputs: [x, indices] }, [g]) => [addAt(fill(0, x.shape, x.dtype), indices, g!), undefined],
}
/** One number of each row: x[…, V] at indices […] gives […]. */
export function pick(x: Tensor, indices: Tensor): Tensor {
  return apply1(pickOperator, [x, indices], null)
}

const addAtOperator: Operator<null> = {
  name: 'addAt',
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  emit(emitter, [x, indices, values]) {
    const last = emitter.constant('int64', [-1])
    const places = emitter.add('Unsqueeze', [indices, last])
    return emitter.add('ScatterElements', [x, ...places, ...emitter.add('Unsqueeze', [values, last])], {
      axis: -1,
      reduction: 'add',
    })
  },
  gradient: ({ inputs: [_x, indices] }, [g]) => [g, undefined, pick(g!, indices)],
}
/** x[…, V] with values […] added, one in each row, at indices […]. */
export function addAt(x: Tensor, indices: Tensor, values: Tensor): Tensor {
  return apply1(addAtOperator, [x, indices, values], null)
}

const normalisedOperator: Operator<null> = {
  name: 'normalised',
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  emit: (emitter, inputs) => emitter.add('LogSoftmax', inputs, { axis: -1 }),
  gradient: (_node, [g]) => [g],
}
const likelihoodOperator: Operator<{ smoothing: number }> = {
  name: 'negativeLogLikelihood',
  infer: ([logProbabilities, labels]) => [{ dtype: logProbabilities.dtype, shape: labels.shape }],
  emit(emitter, [logProbabilities, labels], { inputs: [x], attributes: { smoothing } }) {
    const last = emitter.constant('int64', [-1])
    const places = emitter.add('Unsqueeze', [labels, last])
    const picked = emitter.add('GatherElements', [logProbabilities, ...places], { axis: -1 })
    const likelihood = emitter.add('Neg', emitter.add('Squeeze', [...picked, last]))
    if (smoothing === 0) return likelihood
    const total = emitter.add('ReduceSum', [logProbabilities, last], { keepdims: 0 })
    const size = x.shape.at(-1) as number
    const own = emitter.add('Mul', [...likelihood, emitter.constant(x.dtype, [1 - smoothing], [])])
    const uniform = emitter.add('Mul', [...total, emitter.constant(x.dtype, [smoothing / size], [])])
    return emitter.add('Sub', [...own, ...uniform])
  },
  gradient({ inputs: [logProbabilities, labels], attributes: { smoothing } }, [g]) {
    const size = logProbabilities.shape.at(-1) as number
    const probabilities = exp(logProbabilities)
    const excess = smoothing === 0 ? probabilities : sub(probabilities, smoothing / size)
    const perRow = addAt(excess, labels, fill(smoothing - 1, labels.shape, g!.dtype))
    return [mul(perRow, unsqueeze(g!, -1)), undefined]
  },
}

/**
 * -log softmax(logits)[label], for logits […, V] and labels […] (int64); gives […].
 * With smoothing s the label counts 1 - s, and every token s / V besides (Szegedy et al. 2016, section 7).
 *
 * The gradient with respect to the logits, g (softmax - label), takes one pass over […, V], from the log probabilities
 * that the forward pass made: the rule of the likelihood gives it whole, and the normalisation passes it on. The two
 * rules are right only together, so neither operator is exported.
 */
export function crossEntropy(logits: Tensor, labels: Tensor, smoothing = 0): Tensor {
  if (!sameShape(logits.shape.slice(0, -1), labels.shape))
    throw new ShapeError(`crossEntropy: labels ${labels} do not fit logits ${logits}`)
  return apply1(likelihoodOperator, [apply1(normalisedOperator, [logits], null), labels], { smoothing })
}

const topOperator: Operator<null> = {
  name: 'top',
  infer([x]) {
    const shape = x.shape.with(-1, 'count')
    return [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ]
  },
  emit: (emitter, inputs) => emitter.add('TopK', inputs, { axis: -1 }, { outputs: 2 }),
}
/** The largest numbers of each row, descending, and their indices; `count` is an int64 vector of one number. */
export function top(x: Tensor, count: Tensor): [values: Tensor, indices: Tensor] {
  const [values, indices] = apply(topOperator, [x, count], null)
  return [values, indices]
}
