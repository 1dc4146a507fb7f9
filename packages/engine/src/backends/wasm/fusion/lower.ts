/** A region as a step of a plan, once the sizes are known. */
import { expOperator, sigmoidOperator, tanhOperator } from '../../../graph/operators/elementwise.ts'
import { splitOperator } from '../../../graph/operators/layout.ts'
import type { Node, Tensor } from '../../../graph/tensor.ts'
import { contiguous } from '../lowerings/broadcast.ts'
import { BYTES } from '../memory.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { FIELDS, HEADER } from './generate.ts'
import { nestOf, type Strided } from './nest.ts'
import { innerAxis, type Region } from './regions.ts'

const EXPONENTIALS: ReadonlySet<unknown> = new Set([expOperator, sigmoidOperator, tanhOperator])

/** A compiled function. */
export interface FusedFunction {
  /** Its number among the kernels. */
  readonly index: number
  /** What it is given at the end of its block. */
  readonly constants: readonly number[]
}

/** An array that a region reads or writes. */
interface Placed extends Strided {
  readonly value: Value
}

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
function splitPart({ node, output }: Tensor): { whole: Tensor; axis: number; before: number } | undefined {
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

interface Work {
  readonly fused: FusedFunction
  /** The work at one place. */
  readonly unit: number
  readonly shape: readonly number[]
  readonly last: number
  /** Operands, and then destinations. */
  readonly arrays: readonly Placed[]
  readonly operands: number
}

/** The work at one place, in the units of {@link Kernels.divide}. */
const workOf = ({ nodes, operands, outputs, joins }: Region) =>
  4 * (operands.length + outputs.length + joins.length) +
  nodes.reduce((sum, { operator }) => sum + (EXPONENTIALS.has(operator) ? 16 : 1), 0)

function addStep(scope: Scope, work: Work): void {
  const { shape, arrays, operands } = work
  const [reads, writes] = [arrays.slice(0, operands), arrays.slice(operands)]
  const block = scope.buffer('int32', [HEADER + FIELDS * arrays.length + work.fused.constants.length])
  // Numbers of four bytes in the order in which they are walked: a result may take the place of an operand.
  const dense = contiguous(shape, shape.length).map(stride => 4 * stride)
  const isWhole = ({ value, offset, strides }: Placed) =>
    BYTES[value.dtype] === 4 && offset === 0 && strides.join() === dense.join()
  const moved = new Set(reads.filter(x => !isWhole(x)).map(({ value }) => value.slot))
  const slots = (list: readonly Placed[]) => list.map(({ value }) => value.slot)
  scope.addSlots({
    run: shape.includes(0) ? () => {} : runNest(scope, work, block),
    reads: slots(reads),
    writes: slots(writes),
    scratch: [block.slot],
    reuse: slots(reads.filter(isWhole)).filter(slot => !moved.has(slot)),
    over: slots(writes.filter(isWhole)),
  })
}

function runNest(scope: Scope, { fused, unit, shape, last, arrays }: Work, block: Value) {
  const { memory, kernels } = scope
  const { outer, middle, inner, total, strides, places } = nestOf(shape, last, arrays)
  const fields = new Uint32Array([middle, inner, total, ...strides.flatMap(pair => [0, ...pair]), ...fused.constants])
  const bytes = new Uint8Array(fields.buffer)
  const slots = arrays.map(({ value }) => value.slot.index)
  const work = middle * inner * unit
  return (p: Pointers) => {
    const at = p[block.slot.index]
    for (const offsets of places) {
      for (let i = 0; i < slots.length; i++) fields[HEADER + FIELDS * i] = p[slots[i]] + arrays[i].offset + offsets[i]
      memory.bytes.set(bytes, at)
      kernels.divideAdded(fused.index, outer, work, at)
    }
  }
}
