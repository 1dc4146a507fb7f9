/** Operators that move numbers without changing them: transposition, slices, joints, broadcasting. */
import { ShapeError } from '../errors.ts'
import { apply, apply1, type Dim, normalAxis, type Operator, type Shape, sameShape, type Tensor } from '../tensor.ts'
import { sumTo } from './reduction.ts'
import { fill } from './source.ts'

const transposeOperator: Operator<{ order: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { order }) => [{ dtype: x.dtype, shape: order.map(axis => x.shape[axis]) }],
  emit: (emitter, inputs, node) => emitter.add('Transpose', inputs, { perm: node.attributes.order }),
  gradient({ attributes: { order } }, [g]) {
    return [
      transpose(
        g!,
        order.map((_, i) => order.indexOf(i)),
      ),
    ]
  },
  lift: (node, [x]) => [transpose(x, [0, ...node.attributes.order.map(axis => axis + 1)])],
}
/** Axis i of the result is axis order[i] of x. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  if ([...order].sort().join() !== x.shape.map((_, i) => i).join())
    throw new ShapeError(`transpose: [${order}] is no order of the axes of ${x}`)
  return apply1(transposeOperator, [x], { order })
}

const unsqueezeOperator: Operator<{ axis: number }> = {
  name: 'unsqueeze',
  infer: ([x], { axis }) => [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 0, 1) }],
  emit: (emitter, [x], node) => emitter.add('Unsqueeze', [x, emitter.constant('int64', [node.attributes.axis])]),
  gradient: ({ attributes: { axis } }, [g]) => [squeeze(g!, axis)],
  lift: (node, [x]) => [unsqueeze(x, node.attributes.axis + 1)],
}
/** A new axis of size 1 at `axis` of the result (-1: at the end). */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  return apply1(unsqueezeOperator, [x], { axis: axis < 0 ? axis + x.rank + 1 : axis })
}
const squeezeOperator: Operator<{ axis: number }> = {
  name: 'squeeze',
  infer([x], { axis }) {
    if (x.shape[axis] !== 1) throw new ShapeError(`squeeze: axis ${axis} of ${x} is not 1`)
    return [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 1) }]
  },
  emit: (emitter, [x], node) => emitter.add('Squeeze', [x, emitter.constant('int64', [node.attributes.axis])]),
  gradient: ({ attributes: { axis } }, [g]) => [unsqueeze(g!, axis)],
  lift: (node, [x]) => [squeeze(x, node.attributes.axis + 1)],
}
/** Without the axis `axis`, whose size is 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  return apply1(squeezeOperator, [x], { axis: normalAxis('squeeze', x, axis) })
}

const expandOperator: Operator<{ shape: Shape }> = {
  name: 'expand',
  infer: ([x], { shape }) => [{ dtype: x.dtype, shape }],
  emit: (emitter, [x], node) => emitter.add('Expand', [x, emitter.shape(node.attributes.shape)]),
  gradient: ({ inputs: [x] }, [g]) => [sumTo(g!, x.shape)],
}
/** x repeated along the axes that `shape` has and x lacks or has with size 1. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply1(expandOperator, [x], { shape })
}

const splitOperator: Operator<{ axis: number; sizes: readonly number[] }> = {
  name: 'split',
  infer([x], { axis, sizes }) {
    const total = sizes.reduce((a, b) => a + b, 0)
    if (x.shape[axis] !== total)
      throw new ShapeError(`split: parts of ${sizes.join(' + ')} = ${total} from axis ${axis} of ${x}`)
    return sizes.map(size => ({ dtype: x.dtype, shape: x.shape.with(axis, size) }))
  },
  emit: (emitter, [x], { attributes: { axis, sizes } }) =>
    emitter.add('Split', [x, emitter.constant('int64', sizes)], { axis }, { outputs: sizes.length }),
  gradient: ({ outputs, attributes: { axis } }, cotangents) => [
    concat(
      outputs.map((part, i) => cotangents[i] ?? fill(0, part.shape, part.dtype)),
      axis,
    ),
  ],
  lift: (node, inputs) => apply(splitOperator, inputs, { ...node.attributes, axis: node.attributes.axis + 1 }),
}
/** x cut along an axis of known size into parts of these sizes. */
export function split(x: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  return apply(splitOperator, [x], { axis: normalAxis('split', x, axis), sizes })
}

const concatOperator: Operator<{ axis: number }> = {
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
  emit: (emitter, inputs, node) => emitter.add('Concat', inputs, { axis: node.attributes.axis }),
  gradient: ({ inputs, attributes: { axis } }, [g]) =>
    split(
      g!,
      axis,
      inputs.map(x => x.shape[axis] as number),
    ),
  lift: (node, inputs, lifted) =>
    lifted.every(Boolean) ? [apply1(concatOperator, inputs, { axis: node.attributes.axis + 1 })] : undefined,
}
/** The arrays joined along an axis of known size. */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  return inputs.length === 1
    ? inputs[0]
    : apply1(concatOperator, inputs, { axis: normalAxis('concat', inputs[0], axis) })
}

const splitAxisOperator: Operator<{ axis: number; outer: string; inner: string }> = {
  name: 'splitAxis',
  infer: ([x], { axis, outer, inner }) => [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 1, outer, inner) }],
  emit(emitter, [x], { inputs, attributes: { axis, outer } }) {
    // The inner size is what is left (-1).
    const after = inputs[0].shape.slice(axis + 1)
    const parts = [...inputs[0].shape.slice(0, axis), outer].map(dim => emitter.shape([dim]))
    const rest = after.map(dim => emitter.shape([dim]))
    const shape = emitter.add('Concat', [...parts, emitter.constant('int64', [-1]), ...rest], { axis: 0 })
    return emitter.add('Reshape', [x, ...shape])
  },
  gradient: ({ inputs: [x], attributes: { axis } }, [g]) => [mergeAxes(g!, axis, x.shape[axis] as string)],
}
/** One axis seen as two: outer (a named dimension of an input) × inner (a new name for what is left). */
export function splitAxis(x: Tensor, axis: number, outer: string, inner: string): Tensor {
  return apply1(splitAxisOperator, [x], { axis, outer, inner })
}

const mergeAxesOperator: Operator<{ axis: number; name: string }> = {
  name: 'mergeAxes',
  infer: ([x], { axis, name }) => [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 2, name) }],
  emit(emitter, [x], { inputs, attributes: { axis } }) {
    const before = inputs[0].shape.slice(0, axis).map(dim => emitter.shape([dim]))
    const after = inputs[0].shape.slice(axis + 2).map(dim => emitter.shape([dim]))
    const shape = emitter.add('Concat', [...before, emitter.constant('int64', [-1]), ...after], { axis: 0 })
    return emitter.add('Reshape', [x, ...shape])
  },
  gradient: ({ inputs: [x], attributes: { axis } }, [g]) => [
    splitAxis(g!, axis, x.shape[axis] as string, x.shape[axis + 1] as string),
  ],
}
/** Axes `axis` and `axis + 1` seen as one, whose dimension gets a name. */
export function mergeAxes(x: Tensor, axis: number, name: string): Tensor {
  return apply1(mergeAxesOperator, [x], { axis, name })
}
