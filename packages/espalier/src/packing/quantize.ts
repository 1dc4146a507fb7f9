/** Quantisation: fewer bits for the values of kept weights. */
import type { ValueEncoding } from '@espalier/runtime/packed'

export interface CodebookOptions {
  /** Entries of a codebook; default 16. */
  readonly entries?: number
}

/** Values as they are written, and the scales or codebook to read them by. */
export interface Quantized {
  /** Little-endian numbers of the encoding's size. */
  readonly numbers: Uint8Array
  /** int8: the upper halves of floats, one a row. */
  readonly scales?: Uint8Array
  /** codebook: floats. */
  readonly codebook?: Uint8Array
}

/** @param values finite @param rowStarts index at which each row begins among the values, and the end */
export function quantizeValues(
  values: Float32Array,
  rowStarts: Uint32Array,
  encoding: ValueEncoding,
  { entries = 16 }: CodebookOptions = {},
): Quantized {
  switch (encoding) {
    case 'f32':
      return { numbers: bytesOf(values) }
    case 'f16':
      return { numbers: bytesOf(Uint16Array.from(values, floatToHalf)) }
    case 'int8':
      return symmetricInt8(values, rowStarts)
    case 'codebook': {
      const { centroids, codes } = kMeans(values, entries)
      return { numbers: codes, codebook: bytesOf(centroids) }
    }
    default:
      return encoding satisfies never
  }
}

const bytesOf = (array: Float32Array | Uint16Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** The nearest half-precision float (IEEE 754), ties to even; beyond ±65,504 the largest. @param value finite */
export function floatToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.min(Math.abs(value), 65_504)
  // Below 2^-14 numbers are 2^-24 apart, above it 2^-10 of their power of two.
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1e-30)))
  let units = roundEven(size / 2 ** (exponent - 10))
  let power = exponent
  if (units === 2048) {
    units = 1024
    power++
  }
  return sign | (units < 1024 ? units : ((power + 15) << 10) | (units - 1024))
}

/** The nearest integer, ties to even. */
function roundEven(x: number): number {
  const down = Math.floor(x)
  const rest = x - down
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down
}

/** int8, symmetric, a scale for each row: w ≈ scale · q, q from −127 to 127. The scale is rounded up to a bfloat16. */
function symmetricInt8(values: Float32Array, rowStarts: Uint32Array): Quantized {
  const numbers = new Int8Array(values.length)
  const scales = new Uint16Array(rowStarts.length - 1)
  const float = new Float32Array(1)
  const bits = new Uint32Array(float.buffer)
  for (let row = 0; row < scales.length; row++) {
    let largest = 0
    for (let i = rowStarts[row]; i < rowStarts[row + 1]; i++) largest = Math.max(largest, Math.abs(values[i]))
    float[0] = largest / 127
    bits[0] = (bits[0] + 0xffff) & 0xffff0000
    scales[row] = bits[0] >>> 16
    if (float[0] === 0) continue
    for (let i = rowStarts[row]; i < rowStarts[row + 1]; i++) numbers[i] = Math.round(values[i] / float[0])
  }
  return { numbers: new Uint8Array(numbers.buffer), scales: bytesOf(scales) }
}

const ITERATIONS = 30

/**
 * Lloyd's k-means in one dimension, started from centroids spread evenly between the extremes, which keeps large weights apart
 * (Han, Mao & Dally 2016, section 3). Values are sorted once, so that each cluster is a run of them between two borders.
 */
export function kMeans(values: Float32Array, entries: number): { centroids: Float32Array; codes: Uint8Array } {
  const sorted = values.slice().sort()
  const sums = new Float64Array(sorted.length + 1)
  for (let i = 0; i < sorted.length; i++) sums[i + 1] = sums[i] + sorted[i]
  const [low, high] = [sorted[0] ?? 0, sorted.at(-1) ?? 0]
  const centroids = Float32Array.from(
    { length: entries },
    (_, k) => low + ((high - low) * k) / Math.max(1, entries - 1),
  )
  for (let round = 0; round < ITERATIONS; round++) {
    let [from, moved] = [0, false]
    for (let k = 0; k < entries; k++) {
      const to = k + 1 < entries ? lowerBound(sorted, (centroids[k] + centroids[k + 1]) / 2) : sorted.length
      if (to > from) {
        const mean = Math.fround((sums[to] - sums[from]) / (to - from))
        moved ||= mean !== centroids[k]
        centroids[k] = mean
      }
      from = Math.max(from, to)
    }
    centroids.sort()
    if (!moved) break
  }
  const borders = Float32Array.from({ length: entries - 1 }, (_, k) => (centroids[k] + centroids[k + 1]) / 2)
  return { centroids, codes: Uint8Array.from(values, value => lowerBound(borders, value)) }
}

/** The first index of a sorted array whose number is not below a value. */
function lowerBound(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}
