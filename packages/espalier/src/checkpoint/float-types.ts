/** Floating-point tensors of safetensors files: their values as 32-bit floats, and zeros written in their own type. */
import { halfToFloat } from '@espalier/runtime/packed'
import type { NamedTensor, TensorData } from './safetensors.ts'

export const FLOAT_TYPES = ['F32', 'F16', 'BF16', 'F64'] as const
type FloatType = (typeof FLOAT_TYPES)[number]

const LARGEST = 3.4028234663852886e38
let halves: Float32Array | undefined

/**
 * The values of a tensor; undefined where it is not of one of {@link FLOAT_TYPES}. F16 and BF16 are exact; an F64 becomes the
 * nearest float of 32 bits, and never infinite or zero unless it is.
 */
export function toFloat32({ dtype, data }: NamedTensor): Float32Array | undefined {
  switch (dtype as FloatType) {
    case 'F32':
      return data as Float32Array
    case 'F64':
      return Float32Array.from(data as Float64Array, nearestFloat)
    case 'BF16': {
      const bits = Uint32Array.from(data as Uint16Array, half => half << 16)
      return new Float32Array(bits.buffer)
    }
    case 'F16': {
      halves ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits))
      const table = halves
      return Float32Array.from(data as Uint16Array, bits => table[bits])
    }
    default:
      return undefined
  }
}

function nearestFloat(value: number): number {
  if (!Number.isFinite(value)) return value
  const near = Math.fround(Math.max(-LARGEST, Math.min(LARGEST, value)))
  return near === 0 && value !== 0 ? Math.sign(value) * 2 ** -149 : near
}

/** A copy of a tensor's data with zeros where the mask prunes; the bits of all others stay. @param kept one byte a weight */
export function withZeros<Data extends TensorData>(data: Data, kept: Uint8Array): Data {
  const copy = data.slice() as Data
  for (let i = 0; i < kept.length; i++) if (kept[i] === 0) copy[i] = 0
  return copy
}
