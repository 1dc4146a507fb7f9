/** The expression of a region: regions that compute the same share a function. */
import { expandOperator } from '../../../graph/operators/layout.ts'
import type { Tensor } from '../../../graph/tensor.ts'
import type { Expression, Instruction, LaneType } from './expression.ts'
import { constantOf, functionOf, type Region } from './regions.ts'

/** @param splat tells of an operand whether one number of it stands for a whole row */
export function expressionOf(region: Region, splat: (x: Tensor) => boolean): Expression {
  const instructions: Instruction[] = []
  const places = new Map<Tensor, number>()
  const add = (x: Tensor, instruction: Instruction) => {
    const place = instructions.push(instruction) - 1
    places.set(x, place)
    return place
  }
  for (const x of region.operands) add(x, { kind: 'load', type: x.dtype as LaneType, splat: splat(x) })
  const place = (x: Tensor): number => {
    const known = places.get(x)
    if (known !== undefined) return known
    const value = constantOf(x)
    if (value === undefined) throw new Error(`${x} is neither an operand nor in the region`)
    return add(x, { kind: 'constant', value, type: x.dtype as LaneType })
  }
  for (const node of region.nodes) {
    const { inputs, outputs } = node
    const operands = inputs.map(place)
    // Vectors have a number at every place already.
    if (node.operator === expandOperator) places.set(outputs[0], operands[0])
    else {
      const { operator, type } = functionOf(node)
      add(outputs[0], { kind: 'apply', operator, type: type as LaneType, operands })
    }
  }
  const stored = [...region.outputs, ...region.joins.flatMap(({ inputs }) => inputs)]
  return { instructions, stores: stored.map(x => ({ value: place(x), type: x.dtype as LaneType })) }
}
