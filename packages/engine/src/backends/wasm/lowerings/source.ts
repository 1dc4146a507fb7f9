/** Constants. */
import * as operators from '../../../graph/operators/source.ts'
import type { TensorType } from '../../../graph/tensor.ts'
import type { NumberArray } from '../../backend.ts'
import { entry, type Lowering } from './lowering.ts'

/** An array full of one number; int64 has big integers. */
export function fillArray(array: NumberArray, value: number): void {
  if (array instanceof BigInt64Array) array.fill(BigInt(value))
  else array.fill(value)
}

const fill: Lowering<Pick<TensorType, 'dtype'> & { value: number }> = (scope, _inputs, node) => {
  const output = scope.output(node)
  const { value } = node.attributes
  scope.add(p => fillArray(scope.memory.view(output.dtype, p[output.slot.index], output.size), value), [], [output])
  return [output]
}

export const sourceLowerings = [entry(operators.constantOperator, fill), entry(operators.fillOperator, fill)]
