/** Operators that reduce axes: sums, maxima, softmax. */
import { ShapeError } from '../../errors.ts'
import { applySingle, type Dim, normalAxis, type Operator, type Shape, sameShape, type Tensor } from '../tensor.ts'

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

/** An operator that reduces the axes it is given. */
function reduction(name: string): Operator<Axes> {
  return {
    name,
    takesSparse: name === 'sum',
    infer([x], attributes) {
      if (x.sparse && (attributes.axes.length < x.rank || attributes.keep))
        throw new ShapeError(`${name}: ${x} is sparse: all axes are summed, or none`)
      return [{ dtype: x.dtype, shape: reducedShape(x, attributes) }]
    },
    batch: ({ operator, attributes: { axes, keep } }, inputs) => [
      applySingle(operator, inputs, { axes: axes.map(axis => axis + 1), keep }),
    ],
  }
}

export const sumOperator = reduction('sum')
/** The sum over axes (all of them, if none are named); `keep` leaves them with size 1. */
export function sum(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  const normal = normalAxes('sum', x, axes)
  return normal.length === 0 ? x : applySingle(sumOperator, [x], { axes: normal, keep })
}
/** The operand and the axes of a {@link sum}; undefined for any other tensor. */
export function sumOperand({ node }: Tensor): (Axes & { readonly operand: Tensor }) | undefined {
  return node.operator === sumOperator ? { operand: node.inputs[0], ...(node.attributes as Axes) } : undefined
}

/** Sums the axes that broadcasting added or widened, so that the result has the shape `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  const lead = x.rank - shape.length
  if (lead < 0) throw new ShapeError(`sumTo: ${x} has fewer axes than [${shape}]`)
  const folded = lead > 0 ? sum(x, [...Array(lead).keys()]) : x
  const axes = shape.flatMap((dim, i) => (dim === 1 && folded.shape[i] !== 1 ? [i] : []))
  return sum(folded, axes, true)
}

export const sumSquareOperator: Operator<null> = {
  name: 'sumSquare',
  takesSparse: true,
  infer: ([x]) => [{ dtype: x.dtype, shape: [] }],
}
/** The sum of squares of all numbers. */
export function sumSquare(x: Tensor): Tensor {
  return applySingle(sumSquareOperator, [x], null)
}

export const maxOperator = reduction('max')
/** The maximum over axes (all of them, if none are named); carries no gradient. */
export function max(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  return applySingle(maxOperator, [x], { axes: normalAxes('max', x, axes), keep })
}

/** An operator that normalises along the last axis. */
function normalisation(name: string): Operator<null> {
  return {
    name,
    infer: ([x]) => [{ dtype: x.dtype, shape: x.shape }],
    batch: (node, inputs) => [applySingle(node.operator, inputs, null)],
  }
}

export const softmaxOperator = normalisation('softmax')
/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  return applySingle(softmaxOperator, [x], null)
}

export const logSoftmaxOperator = normalisation('logSoftmax')
/** The logarithm of the softmax over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  return applySingle(logSoftmaxOperator, [x], null)
}
