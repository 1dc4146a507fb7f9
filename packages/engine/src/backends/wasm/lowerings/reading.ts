/** What steps in TypeScript read: indices, and floats of either size. */
import { InputError } from '../../../errors.ts'
import type { Pointers, Scope, Value } from '../scope.ts'

/**
 * Reads an array of indices; those below zero count from the end.
 * @throws InputError an index that is not there
 */
export function readIndices(scope: Scope, p: Pointers, indices: Value, size: number): Int32Array {
  const view = scope.memory.view(indices.dtype, p[indices.slot.index], indices.size)
  const found = new Int32Array(indices.size)
  for (let i = 0; i < found.length; i++) {
    const given = Number(view[i])
    const index = given < 0 ? given + size : given
    if (!(index >= 0 && index < size)) throw new InputError(`index ${given} is not among ${size} rows`)
    found[i] = index
  }
  return found
}

export const floats = (scope: Scope, p: Pointers, x: Value) =>
  // Arithmetic on floats of either size; TypeScript cannot say so.
  scope.memory.view(x.dtype, p[x.slot.index], x.size) as Float64Array
