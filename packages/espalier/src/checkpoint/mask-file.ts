/** Masks as tensors of a file: one bit a weight, the first weight in the lowest bit of the first byte. */
import { UserError } from '@espalier/runtime'
import { Mask } from '../pruning/mask.ts'
import type { NamedTensor } from './safetensors.ts'

/** The arrays a mask covers, by name. */
type Arrays = ReadonlyMap<string, { readonly data: { readonly length: number } }>

export function maskToTensors(mask: Mask): Map<string, NamedTensor> {
  return new Map(
    [...mask.kept].map(([name, bits]) => {
      const data = new Uint8Array(Math.ceil(bits.length / 8))
      for (let i = 0; i < bits.length; i++) data[i >> 3] |= bits[i] << (i & 7)
      return [name, { dtype: 'U8' as const, shape: [data.length], data }]
    }),
  )
}

/** @throws UserError `damaged-file` where a tensor is unknown or the bits do not fit it */
export function maskFromTensors(tensors: ReadonlyMap<string, NamedTensor>, arrays: Arrays): Mask {
  const kept = new Map<string, Uint8Array>()
  for (const [name, { data }] of tensors) {
    const size = arrays.get(name)?.data.length
    if (size === undefined || !(data instanceof Uint8Array) || data.length !== Math.ceil(size / 8))
      throw new UserError('damaged-file', `mask.safetensors: the mask of ${name} does not fit the model`)
    const bits = new Uint8Array(size)
    for (let i = 0; i < size; i++) bits[i] = (data[i >> 3] >> (i & 7)) & 1
    kept.set(name, bits)
  }
  return new Mask(kept)
}
