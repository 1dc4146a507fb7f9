/** Operators that fold axes: sums, maxima, softmax. */
import { ShapeError } from '../errors.ts'
import { apply1, type Dim, normalAxis, type Operator, type Shape, sameShape, type Tensor } from '../tensor.ts'
import { exp, mul, sub } from './elementwise.ts'
import { expand, unsqueeze } from './layout.ts'

interface Axes {
  readonly axes: readonly number[]
  readonly keep: boolean
}

function reducedShape(x: Tensor, { axes, keep }: Axes): Dim[] {
  return x.shape.flatMap((dim, i) => (axes.includes(i) ? (keep ? [1] : []) : [dim]))
}
function normalAxes(name: string, x: Tensor, axes: readonly number[] | undefined): number[] {
  return (axes ?? x.shape.map((_, i) => i)).map(axis => normalAxis(name, x, axis)).sort((a, b) => a - b)
}
const liftAxes = ({ axes, keep }: Axes): Axes => ({ axes: axes.map(axis => axis + 1), keep })

const sumOperator: Operator<Axes> = {
  name: 'sum',
  infer: ([x], attributes) => [{ dtype: x.dtype, shape: reducedShape(x, attributes) }],
  emit: (emitter, [x], { attributes: { axes, keep } }) =>
    emitter.add('ReduceSum', [x, emitter.constant('int64', axes)], { keepdims: keep ? 1 : 0 }),
  gradient({ inputs: [x], attributes: { axes, keep } }, [g]) {
    let spread = g!
    if (!keep) for (const axis of axes) spread = unsqueeze(spread, axis)
    return [expand(spread, x.shape)]
  },
  lift: (node, inputs) => [apply1(sumOperator, inputs, liftAxes(node.attributes))],
}
/** The sum over axes (all of them, if none are named); `keep` leaves them with size 1. */
export function sum(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  const normal = normalAxes('sum', x, axes)
  return normal.length === 0 ? x : apply1(sumOperator, [x], { axes: normal, keep })
}

/** Sums what was broadcast, so that the result has the shape `shape`: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  const lead = x.rank - shape.length
  if (lead < 0) throw new ShapeError(`sumTo: ${x} has fewer axes than [${shape}]`)
  const folded = lead > 0 ? sum(x, [...Array(lead).keys()]) : x
  const axes = shape.flatMap((dim, i) => (dim === 1 && folded.shape[i] !== 1 ? [i] : []))
  return sum(folded, axes, true)
}

const sumSquareOperator: Operator<null> = {
  name: 'sumSquare',
  infer: ([x]) => [{ dtype: x.dtype, shape: [] }],
  emit(emitter, [x], node) {
    // Rows first: ONNX Runtime shares rows between threads, but not one long sum.
    if (node.inputs[0].rank < 2) return emitter.add('ReduceSumSquare', [x], { keepdims: 0 })
    const rows = emitter.add('ReduceSumSquare', [x, emitter.constant('int64', [-1])], { keepdims: 0 })
    return emitter.add('ReduceSum', rows, { keepdims: 0 })
  },
  gradient: ({ inputs: [x] }, [g]) => [mul(mul(x, 2), g!)],
}
/** The sum of squares of all numbers. */
export function sumSquare(x: Tensor): Tensor {
  return apply1(sumSquareOperator, [x], null)
}

const maxOperator: Operator<Axes> = {
  name: 'max',
  infer: ([x], attributes) => [{ dtype: x.dtype, shape: reducedShape(x, attributes) }],
  emit: (emitter, [x], { attributes: { axes, keep } }) =>
    emitter.add('ReduceMax', [x, emitter.constant('int64', axes)], { keepdims: keep ? 1 : 0 }),
  lift: (node, inputs) => [apply1(maxOperator, inputs, liftAxes(node.attributes))],
}
/** The maximum over axes; carries no gradient. */
export function max(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  return apply1(maxOperator, [x], { axes: normalAxes('max', x, axes), keep })
}

const softmaxOperator: Operator<null> = {
  name: 'softmax',
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  emit: (emitter, inputs) => emitter.add('Softmax', inputs, { axis: -1 }),
  gradient: ({ outputs: [y] }, [g]) => [mul(y, sub(g!, sum(mul(g!, y), [-1], true)))],
  lift: (node, inputs) => [apply1(node.operator, inputs, null)],
}
/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  return apply1(softmaxOperator, [x], null)
}

const logSoftmaxOperator: Operator<null> = {
  name: 'logSoftmax',
  infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
  emit: (emitter, inputs) => emitter.add('LogSoftmax', inputs, { axis: -1 }),
  gradient: ({ outputs: [y] }, [g]) => [sub(g!, mul(exp(y), sum(g!, [-1], true)))],
  lift: (node, inputs) => [apply1(node.operator, inputs, null)],
}
/** The logarithm of the softmax over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  return apply1(logSoftmaxOperator, [x], null)
}
