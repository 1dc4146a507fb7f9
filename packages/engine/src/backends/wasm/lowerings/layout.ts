/** Operators that move numbers: views where nothing moves, copies elsewhere. */
import * as operators from '../../../graph/operators/layout.ts'
import { sizeOf } from '../../arrays.ts'
import { BYTES } from '../memory.ts'
import { panelBuffer, panelShape } from '../panels.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { plain } from './elementwise.ts'
import { asking, entry, type Lowering } from './lowering.ts'

/** The same numbers in another shape. */
export const reshaped = (x: Value, shape: readonly number[]): Value => ({ ...x, shape })

const view: Lowering = (scope, [x], node) => [reshaped(x, scope.resolve(node.outputs[0].shape))]

const expand: Lowering = (scope, [x], node) => {
  const shape = scope.resolve(node.outputs[0].shape)
  if (x.size === sizeOf(shape)) return [reshaped(x, shape)]
  const output = scope.buffer(x.dtype, shape)
  plain(scope, [x], output, value => value)
  return [output]
}

const transpose: Lowering<{ order: readonly number[] }> = (scope, [x], node) => {
  const { order } = node.attributes
  const output = scope.output(node)
  // Axes at the end that stay where they are move as one piece.
  let kept = x.shape.length
  while (kept > 0 && order[kept - 1] === kept - 1) kept--
  const piece = sizeOf(x.shape.slice(kept))
  const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)))
  const sizes = order.slice(0, kept).map(axis => x.shape[axis])
  const steps = order.slice(0, kept).map(axis => strides[axis])
  const bytes = piece * BYTES[x.dtype]
  scope.add(
    p => {
      if (output.size === 0) return
      if (piece > 1) copyPieces(scope, p, x, output, bytes, sizes, steps)
      else permute(scope, p, x, output, sizes, steps)
    },
    [x],
    [output],
  )
  return [output]
}

function copyPieces(
  scope: Scope,
  p: Pointers,
  x: Value,
  output: Value,
  bytes: number,
  sizes: readonly number[],
  steps: readonly number[],
): void {
  const size = BYTES[x.dtype]
  let to = p[output.slot.index]
  const [rows] = sizes.slice(-1)
  const stride = (steps.at(-1) ?? 0) * size
  const visit = (axis: number, from: number) => {
    if (axis >= sizes.length - 1) {
      scope.kernels.divide('copyRows', rows ?? 1, bytes, from, stride, to, bytes, bytes)
      to += bytes * (rows ?? 1)
    } else for (let i = 0; i < sizes[axis]; i++) visit(axis + 1, from + i * steps[axis] * size)
  }
  visit(0, p[x.slot.index])
}

function permute(
  scope: Scope,
  p: Pointers,
  x: Value,
  output: Value,
  sizes: readonly number[],
  steps: readonly number[],
): void {
  // The same type on both sides; TypeScript cannot pair them.
  const from = scope.memory.view(x.dtype, p[x.slot.index], x.size) as Float64Array
  const to = scope.memory.view(x.dtype, p[output.slot.index], x.size) as Float64Array
  let at = 0
  const visit = (axis: number, place: number) => {
    const [count, step] = [sizes[axis], steps[axis]]
    if (axis === sizes.length - 1) for (let i = 0; i < count; i++) to[at++] = from[place + i * step]
    else for (let i = 0; i < count; i++) visit(axis + 1, place + i * step)
  }
  if (sizes.length > 0) visit(0, 0)
  else to.set(from)
}

/** Pieces of an array along an axis: for each, how many bytes a row of it has. */
function pieces(whole: readonly number[], parts: readonly (readonly number[])[], axis: number, bytes: number) {
  const rows = sizeOf(whole.slice(0, axis))
  let offset = 0
  const places = parts.map(shape => {
    const length = sizeOf(shape.slice(axis)) * bytes
    const place = { offset, length }
    offset += length
    return place
  })
  return { rows, row: offset, places }
}

/** Columns of an array in panels are copied as rows of 64 bytes for each. */
const inPanelsAlong = (values: readonly Value[], axis: number) =>
  values.every(({ inPanels, shape }) => inPanels && axis === shape.length - 1)

/** The part that is asked for: the others may be read where they are. */
const split: Lowering<{ axis: number }> = (scope, _inputs, node, asked) => {
  const { axis } = node.attributes
  const computed = scope.asComputed(node.inputs[0])
  const inPanels = inPanelsAlong([computed], axis)
  const x = inPanels ? computed : scope.value(node.inputs[0])
  const parts = node.outputs.map(({ shape }) => scope.resolve(shape))
  const output = inPanels ? panelBuffer(scope, parts[asked]) : scope.output(node, asked)
  const copied = inPanels
    ? ([panelShape(x.shape), parts.map(panelShape), 1] as const)
    : ([x.shape, parts, axis] as const)
  const { rows, row, places } = pieces(...copied, BYTES[x.dtype])
  const { offset, length } = places[asked]
  const [from, to] = [x.slot.index, output.slot.index]
  const run = (p: Pointers) =>
    scope.kernels.divide('copyRows', rows, length, p[from] + offset, row, p[to], length, length)
  scope.add(run, [x], [output])
  return parts.map((_, i) => (i === asked ? output : undefined))
}

const concat: Lowering<{ axis: number }> = (scope, _inputs, node) => {
  const { axis } = node.attributes
  const computed = node.inputs.map(x => scope.asComputed(x))
  const inPanels = inPanelsAlong(computed, axis)
  const inputs = inPanels ? computed : node.inputs.map(x => scope.value(x))
  const output = inPanels ? panelBuffer(scope, scope.resolve(node.outputs[0].shape)) : scope.output(node)
  const parts = inputs.map(({ shape }) => shape)
  const copied = inPanels
    ? ([panelShape(output.shape), parts.map(panelShape), 1] as const)
    : ([output.shape, parts, axis] as const)
  const { rows, row, places } = pieces(...copied, BYTES[output.dtype])
  scope.add(
    p => {
      inputs.forEach(({ slot }, i) => {
        const { offset, length } = places[i]
        const to = p[output.slot.index] + offset
        scope.kernels.divide('copyRows', rows, length, p[slot.index], length, to, row, length)
      })
    },
    inputs,
    [output],
  )
  return [output]
}

const unflatten: Lowering<{ axis: number; outer: string; inner: string }> = (scope, [x], node) => {
  const { axis, outer, inner } = node.attributes
  const [size] = scope.resolve([outer])
  const left = size === 0 ? 0 : x.shape[axis] / size
  scope.shared.sizes.set(inner, left)
  return [reshaped(x, x.shape.toSpliced(axis, 1, size, left))]
}

const flatten: Lowering<{ axis: number; name: string }> = (scope, [x], node) => {
  const { axis, name } = node.attributes
  const size = x.shape[axis] * x.shape[axis + 1]
  scope.shared.sizes.set(name, size)
  return [reshaped(x, x.shape.toSpliced(axis, 2, size))]
}

export const layoutLowerings = [
  entry(operators.transposeOperator, transpose),
  entry(operators.unsqueezeOperator, view),
  entry(operators.squeezeOperator, view),
  entry(operators.expandOperator, expand),
  asking(operators.splitOperator, split),
  asking(operators.concatOperator, concat),
  entry(operators.unflattenOperator, unflatten),
  entry(operators.flattenOperator, flatten),
]
