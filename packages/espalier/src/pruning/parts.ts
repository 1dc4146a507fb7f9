/**
 * Parts of tensors: rows of a matrix as a tensor of their own, so that a set of weights finer than a weight class, such as a
 * gate of a layer, is a class like others to whatever prunes, counts and reports.
 */
import { matrixShape } from '@espalier/runtime/packed'
import { Mask } from './mask.ts'
import type { WeightClass, WeightTensor } from './weights.ts'

export interface TensorPart extends WeightTensor {
  /** The tensor that it is a part of. */
  readonly whole: WeightTensor
  /** The place of its first weight in the whole tensor. */
  readonly offset: number
}

/** A weight class made of parts of tensors. */
export interface PartClass extends WeightClass {
  readonly tensors: readonly TensorPart[]
}

/**
 * Rows of a matrix, which share its data.
 * @param begin the first row @param end one past the last
 */
export function rowsOf(whole: WeightTensor, begin: number, end: number): TensorPart {
  const [rows, columns] = matrixShape(whole.shape)
  if (!(begin >= 0 && begin < end && end <= rows))
    throw new RangeError(`rows ${begin} to ${end} of ${whole.name}, which has ${rows}`)
  const offset = begin * columns
  return {
    name: `${whole.name}[${begin}:${end}]`,
    shape: [end - begin, columns],
    data: whole.data.subarray(offset, end * columns),
    whole,
    offset,
  }
}

/** The mask of whole tensors that a mask of their parts amounts to: weights of no part are kept. */
export function wholeMask(mask: Mask, classes: readonly PartClass[]): Mask {
  const kept = new Map<string, Uint8Array>()
  for (const { name, whole, offset } of classes.flatMap(({ tensors }) => tensors)) {
    const part = mask.kept.get(name)
    if (!part) continue
    const all = kept.get(whole.name) ?? new Uint8Array(whole.data.length).fill(1)
    all.set(part, offset)
    kept.set(whole.name, all)
  }
  return new Mask(kept)
}
