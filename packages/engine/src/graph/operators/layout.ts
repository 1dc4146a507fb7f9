/** Operators that move numbers without changing them: transposition, slices, joints, broadcasting. */
import { ShapeError } from '../../errors.ts'
import {
  apply,
  applySingle,
  type Dim,
  normalAxis,
  type Operator,
  type Shape,
  sameShape,
  type Tensor,
} from '../tensor.ts'

export const transposeOperator: Operator<{ order: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { order }) => [{ dtype: x.dtype, shape: order.map(axis => x.shape[axis]) }],
  batch: (node, [x]) => [transpose(x, [0, ...node.attributes.order.map(axis => axis + 1)])],
}
/** Axis i of the result is axis order[i] of x. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  if ([...order].sort().join() !== x.shape.map((_, i) => i).join())
    throw new ShapeError(`transpose: [${order}] is no order of the axes of ${x}`)
  return applySingle(transposeOperator, [x], { order })
}

export const unsqueezeOperator: Operator<{ axis: number }> = {
  name: 'unsqueeze',
  infer: ([x], { axis }) => [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 0, 1) }],
  batch: (node, [x]) => [unsqueeze(x, node.attributes.axis + 1)],
}
/** A new axis of size 1 at `axis` of the result (-1: at the end). */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  return applySingle(unsqueezeOperator, [x], { axis: axis < 0 ? axis + x.rank + 1 : axis })
}

export const squeezeOperator: Operator<{ axis: number }> = {
  name: 'squeeze',
  infer([x], { axis }) {
    if (x.shape[axis] !== 1) throw new ShapeError(`squeeze: axis ${axis} of ${x} is not 1`)
    return [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 1) }]
  },
  batch: (node, [x]) => [squeeze(x, node.attributes.axis + 1)],
}
/** Without the axis `axis`, whose size is 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  return applySingle(squeezeOperator, [x], { axis: normalAxis('squeeze', x, axis) })
}

export const expandOperator: Operator<{ shape: Shape }> = {
  name: 'expand',
  infer: ([x], { shape }) => [{ dtype: x.dtype, shape }],
}
/** x repeated along the axes that `shape` has and x lacks or has with size 1. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applySingle(expandOperator, [x], { shape })
}

export const splitOperator: Operator<{ axis: number; sizes: readonly number[] }> = {
  name: 'split',
  infer([x], { axis, sizes }) {
    const total = sizes.reduce((a, b) => a + b, 0)
    if (x.shape[axis] !== total)
      throw new ShapeError(`split: parts of ${sizes.join(' + ')} = ${total} from axis ${axis} of ${x}`)
    return sizes.map(size => ({ dtype: x.dtype, shape: x.shape.with(axis, size) }))
  },
  batch: (node, inputs) => apply(splitOperator, inputs, { ...node.attributes, axis: node.attributes.axis + 1 }),
}
/** x cut along an axis of known size into parts of these sizes. */
export function split(x: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  return apply(splitOperator, [x], { axis: normalAxis('split', x, axis), sizes })
}

export const concatOperator: Operator<{ axis: number }> = {
  name: 'concat',
  infer(inputs, { axis }) {
    const [first] = inputs
    let size: Dim = 0
    for (const x of inputs) {
      if (x.dtype !== first.dtype || !sameShape(x.shape.toSpliced(axis, 1), first.shape.toSpliced(axis, 1)))
        throw new ShapeError(`concat: ${first} and ${x} differ beside axis ${axis}`)
      const dim: Dim = x.shape[axis]
      if (typeof dim !== 'number') throw new ShapeError(`concat: axis ${axis} of ${x} has no known size`)
      size += dim
    }
    return [{ dtype: first.dtype, shape: first.shape.with(axis, size) }]
  },
  batch: (node, inputs, batched) =>
    batched.every(Boolean) ? [applySingle(concatOperator, inputs, { axis: node.attributes.axis + 1 })] : undefined,
}
/** The arrays joined along an axis of known size. */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  return inputs.length === 1
    ? inputs[0]
    : applySingle(concatOperator, inputs, { axis: normalAxis('concat', inputs[0], axis) })
}

export const unflattenOperator: Operator<{ axis: number; outer: string; inner: string }> = {
  name: 'unflatten',
  infer: ([x], { axis, outer, inner }) => [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 1, outer, inner) }],
}
/** One axis seen as two: outer (a named dimension of an input) × inner (a new name for what is left). */
export function unflatten(x: Tensor, axis: number, outer: string, inner: string): Tensor {
  return applySingle(unflattenOperator, [x], { axis, outer, inner })
}

export const flattenOperator: Operator<{ axis: number; name: string }> = {
  name: 'flatten',
  infer: ([x], { axis, name }) => [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 2, name) }],
}
/** Axes `axis` and `axis + 1` seen as one, whose dimension gets a name. */
export function flatten(x: Tensor, axis: number, name: string): Tensor {
  return applySingle(flattenOperator, [x], { axis, name })
}
