/** A region as a step of a plan whose arrays lie in panels: [panel][column][16 lanes]. */
import { sameShape, type Tensor } from '../../../graph/tensor.ts'
import { sizeOf } from '../../arrays.ts'
import { BYTES } from '../memory.ts'
import { LANES, panelBuffer, panelsFor } from '../panels.ts'
import type { Scope, Value } from '../scope.ts'
import { splitPart } from './lower.ts'
import type { Region } from './regions.ts'
import { addStep, type FusedFunction, type Placed, workOf } from './step.ts'

/** Whether an operand has a number for every place, for each column, or for each row; undefined: none of these. */
function extent(result: Tensor, x: Tensor): 'all' | 'columns' | 'rows' | undefined {
  if (sameShape(x.shape, result.shape)) return x.dtype === 'float32' ? 'all' : undefined
  const leading = x.shape.slice(0, -1)
  const last = x.shape.at(-1) ?? 1
  if (leading.every(dim => dim === 1)) return last === 1 || last === result.shape.at(-1) ? 'columns' : undefined
  return last === 1 && sameShape(leading, result.shape.slice(0, -1)) ? 'rows' : undefined
}

/** Whether a region can be computed in panels. */
export function fitsPanels({ nodes, operands, outputs, joins }: Region): boolean {
  const [result] = nodes[0].outputs
  if (result.sparse || result.rank < 2 || result.shape.at(-1) === 1) return false
  const extents = operands.map(x => extent(result, x))
  const joinsColumns = joins.every(({ attributes }) => (attributes as { axis: number }).axis === result.rank - 1)
  const floats = outputs.every(({ dtype }) => dtype === 'float32')
  return floats && joinsColumns && extents.includes('all') && !extents.includes(undefined)
}

/** Whether one number of an operand stands for all lanes. */
export const isSplatInPanels = (region: Region, x: Tensor): boolean =>
  extent(region.nodes[0].outputs[0], x) === 'columns'

/** Part of an array along its last axis, which can be read in the panels of the whole. */
function columnsOf(x: Tensor): ReturnType<typeof splitPart> {
  const part = splitPart(x)
  return part?.axis === x.rank - 1 ? part : undefined
}

/** Whether a region that fits is computed in panels: as many of its operands are in panels as are not. */
export function prefersPanels(scope: Scope, { nodes, operands }: Region): boolean {
  const [result] = nodes[0].outputs
  const extents = operands.map(x => extent(result, x))
  const whole = operands.filter((_, i) => extents[i] === 'all').map(x => scope.asComputed(columnsOf(x)?.whole ?? x))
  const inPanels = whole.filter(value => value.inPanels).length
  if (inPanels === 0 || 2 * inPanels < whole.length) return false
  // A number for each row is read for all lanes, and beyond the last row there is none.
  return !extents.includes('rows') || sizeOf(scope.resolve(result.shape.slice(0, -1))) % LANES === 0
}

/** Adds the step of a region. @returns its results, in panels */
export function lowerInPanels(scope: Scope, region: Region, fused: FusedFunction): Map<Tensor, Value> {
  const { nodes, operands, outputs, joins } = region
  const [result] = nodes[0].outputs
  const reads = operands.map(x => operandOf(scope, result, x))
  const results = new Map<Tensor, Value>()
  const output = (x: Tensor) => {
    const value = panelBuffer(scope, scope.resolve(x.shape))
    results.set(x, value)
    return value
  }
  const writes = [
    ...outputs.map(x => columns(output(x))),
    ...joins.flatMap(({ inputs, outputs: [joined] }) => {
      const all = columns(output(joined))
      const bytes = (4 * LANES * all.value.shape[result.rank - 1]) / inputs.length
      return inputs.map((_, i) => ({ ...all, offset: i * bytes }))
    }),
  ]
  const shape = scope.resolve(result.shape)
  const panels = [panelsFor(sizeOf(shape.slice(0, -1))), shape[result.rank - 1], LANES]
  addStep(scope, {
    fused,
    unit: workOf(region),
    shape: panels,
    last: 2,
    arrays: [...reads, ...writes],
    operands: reads.length,
  })
  return results
}

/** All columns of an array in panels. */
const columns = (value: Value): Placed => ({
  value,
  offset: 0,
  strides: [4 * LANES * value.shape[value.shape.length - 1], 4 * LANES, 4],
})

function operandOf(scope: Scope, result: Tensor, x: Tensor): Placed {
  const kind = extent(result, x)
  if (kind === 'all') {
    const part = columnsOf(x)
    if (!part) return columns(scope.panels(x))
    return { ...columns(scope.panels(part.whole)), offset: 4 * LANES * part.before }
  }
  const value = scope.value(x)
  const bytes = BYTES[value.dtype]
  if (kind === 'rows') return { value, offset: 0, strides: [LANES * bytes, 0, bytes] }
  return { value, offset: 0, strides: [0, value.size === 1 ? 0 : bytes, 0] }
}
