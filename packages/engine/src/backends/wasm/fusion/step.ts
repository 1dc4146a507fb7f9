/** The step of a region: its function, called for all places of a nest. */
import { expOperator, sigmoidOperator, tanhOperator } from '../../../graph/operators/elementwise.ts'
import { contiguous } from '../lowerings/broadcast.ts'
import { BYTES } from '../memory.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { FIELDS, HEADER } from './generate.ts'
import { nestOf, type Strided } from './nest.ts'
import type { Region } from './regions.ts'

const EXPONENTIALS: ReadonlySet<unknown> = new Set([expOperator, sigmoidOperator, tanhOperator])

/** A compiled function. */
export interface FusedFunction {
  /** Its number among the kernels. */
  readonly index: number
  /** What it is given at the end of its block. */
  readonly constants: readonly number[]
}

/** An array that a region reads or writes. */
export interface Placed extends Strided {
  readonly value: Value
}

export interface Work {
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
export const workOf = ({ nodes, operands, outputs, joins }: Region) =>
  4 * (operands.length + outputs.length + joins.length) +
  nodes.reduce((sum, { operator }) => sum + (EXPONENTIALS.has(operator) ? 16 : 1), 0)

export function addStep(scope: Scope, work: Work): void {
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
