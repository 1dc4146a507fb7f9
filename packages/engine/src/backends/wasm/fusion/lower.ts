/** A region as a step of a plan, once the sizes are known; its arrays lie row by row. */
import { splitOperator } from '../../../graph/operators/layout.ts'
import type { Node, Tensor } from '../../../graph/tensor.ts'
import { contiguous } from '../lowerings/broadcast.ts'
import { BYTES } from '../memory.ts'
import type { Scope, Value } from '../scope.ts'
import { innerAxis, type Region } from './regions.ts'
import { addStep, type FusedFunction, type Placed, workOf } from './step.ts'

/** Whether one number of an operand stands for a whole row of the region's result. */
export function isSplat(region: Region, x: Tensor): boolean {
  const [result] = region.nodes[0].outputs
  if (result.sparse) return !x.sparse
  const axis = innerAxis(result)
  return axis >= 0 && (x.shape.at(axis - result.rank) ?? 1) === 1
}

/** Adds the step of a region. @returns its results */
export function lowerRegion(scope: Scope, region: Region, fused: FusedFunction): Map<Tensor, Value> {
  const operands = region.operands.map(x => operandOf(scope, region, x))
  const results = new Map<Tensor, Value>()
  const [first] = region.nodes[0].outputs
  const shape = first.sparse ? [scope.pattern(first.sparse).kept] : scope.resolve(first.shape)
  const output = (x: Tensor) => {
    const value = scope.output(x.node, x.output)
    results.set(x, value)
    return value
  }
  const destinations = [
    ...region.outputs.map(x => whole(output(x), shape.length)),
    ...region.joins.flatMap(node => parts(output(node.outputs[0]), node)),
  ]
  const arrays = [...operands.map(operand => along(operand, shape.length)), ...destinations]
  addStep(scope, { fused, unit: workOf(region), shape, last: innerAxis(first), arrays, operands: operands.length })
  return results
}

const whole = (value: Value, rank: number): Placed => ({
  value,
  offset: 0,
  strides: contiguous(value.shape, rank).map(stride => stride * BYTES[value.dtype]),
})

/** An operand as it lies in memory; a part of a split is read where the whole is, if neighbours lie side by side there. */
function operandOf(scope: Scope, region: Region, x: Tensor): Placed {
  const [result] = region.nodes[0].outputs
  const part = splitPart(x)
  if (part && (isSplat(region, x) || part.axis - x.rank <= innerAxis(result) - result.rank)) {
    const all = whole(scope.value(part.whole), x.rank)
    const strides = all.strides.map((stride, i) => (x.shape[i] === 1 ? 0 : stride))
    return { value: all.value, offset: part.before * all.strides[part.axis], strides }
  }
  const value = scope.value(x)
  return whole(value, value.shape.length)
}

/** What a tensor is a part of, and how much of it lies before; undefined for those that come from no split. */
export function splitPart({ node, output }: Tensor): { whole: Tensor; axis: number; before: number } | undefined {
  if (node.operator !== splitOperator) return undefined
  const { axis, sizes } = node.attributes as { axis: number; sizes: readonly number[] }
  return { whole: node.inputs[0], axis, before: sizes.slice(0, output).reduce((a, b) => a + b, 0) }
}

/** The strides along the axes of a result, of which an operand may have the last alone. */
function along(operand: Placed, rank: number): Placed {
  const strides = [...Array(rank - operand.strides.length).fill(0), ...operand.strides]
  return { ...operand, strides }
}

/** Where the operands of a concatenation go. */
function parts(value: Value, { inputs, attributes }: Node): Placed[] {
  const { axis } = attributes as { axis: number }
  const { strides } = whole(value, value.shape.length)
  const size = value.shape[axis] / inputs.length
  return inputs.map((_, i) => ({ value, offset: i * size * strides[axis], strides }))
}
