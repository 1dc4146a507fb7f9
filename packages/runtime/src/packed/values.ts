/**
 * Values of kept weights as bytes. The highest byte of each number (sign and exponent of a float; all of a code) holds
 * far less than 8 bits of information and is entropy-coded; the other bytes are close to random and are stored as they are.
 *
 *     mode       u8: 0 the highest bytes are stored, 1 they are coded
 *     present    32 bytes, one bit a symbol: which occur                (mode 1)
 *     slots      u16 for each of these: its frequency out of 4096       (mode 1)
 *     length     u32: bytes of the coded symbols                        (mode 1)
 *     highest    the highest byte of each number, coded or stored
 *     rest       the other bytes of each number, little-endian
 */
import { createFrequencyTable, damagedData, normalizeFrequencies, RansDecoder, RansEncoder, SLOTS } from './rans.ts'

/** How the values of a tensor are written: floats of 4 or 2 bytes, 8-bit integers with a scale a row, or codebook indices. */
export type ValueEncoding = 'f32' | 'f16' | 'int8' | 'codebook'
export const VALUE_BYTES: Readonly<Record<ValueEncoding, number>> = { f32: 4, f16: 2, int8: 1, codebook: 1 }

/** A coded symbol takes at least half a bit, so that a small file cannot claim many. More uniform ones are stored. */
export const MOST_VALUES_PER_BYTE = 16

/** @param numbers little-endian, `size` bytes each */
export function encodeValues(numbers: Uint8Array, size: number): Uint8Array {
  const count = numbers.length / size
  const highest = new Uint8Array(count)
  const rest = new Uint8Array(count * (size - 1))
  for (let i = 0; i < count; i++) {
    highest[i] = numbers[i * size + size - 1]
    for (let b = 0; b < size - 1; b++) rest[i * (size - 1) + b] = numbers[i * size + b]
  }
  const coded = encodeSymbols(highest)
  if (coded.length >= count || coded.length * MOST_VALUES_PER_BYTE < count)
    return concatenate([Uint8Array.of(0), highest, rest])
  return concatenate([Uint8Array.of(1), coded, rest])
}

function encodeSymbols(symbols: Uint8Array): Uint8Array {
  const histogram = new Uint32Array(256)
  for (const symbol of symbols) histogram[symbol]++
  const frequencies = symbols.length === 0 ? [] : normalizeFrequencies(histogram)
  const present = new Uint8Array(32)
  const table: number[] = []
  frequencies.forEach((n, symbol) => {
    if (n === 0) return
    present[symbol >> 3] |= 1 << (symbol & 7)
    table.push(n & 255, n >> 8)
  })
  const coder = new RansEncoder()
  if (symbols.length > 0) {
    const slots = createFrequencyTable(frequencies)
    for (const symbol of symbols) coder.encode(symbol, slots)
  }
  const body = coder.finish()
  const length = Uint8Array.of(
    body.length & 255,
    (body.length >>> 8) & 255,
    (body.length >>> 16) & 255,
    body.length >>> 24,
  )
  return concatenate([present, Uint8Array.from(table), length, body])
}

/**
 * Decodes what {@link encodeValues} encoded.
 * @param count how many numbers @param size bytes of a number
 * @returns the numbers, little-endian
 * @throws UserError `damaged-file`
 */
export function decodeValues(bytes: Uint8Array, count: number, size: number): Uint8Array {
  const out = new Uint8Array(count * size)
  if (bytes.length === 0) throw damagedData()
  let at = 1
  if (bytes[0] === 0) {
    if (bytes.length !== 1 + count * size) throw damagedData()
    for (let i = 0; i < count; i++) out[i * size + size - 1] = bytes[at++]
  } else if (bytes[0] === 1) at = decodeSymbols(bytes, out, size)
  else throw damagedData()
  if (bytes.length - at !== count * (size - 1)) throw damagedData()
  for (let b = 0; b < size - 1; b++)
    for (let i = b, from = at + b; i < out.length; i += size, from += size - 1) out[i] = bytes[from]
  return out
}

/** @returns the index behind the coded symbols */
function decodeSymbols(bytes: Uint8Array, out: Uint8Array, size: number): number {
  let at = 33
  const frequencies = new Uint16Array(256)
  let total = 0
  for (let symbol = 0; symbol < 256; symbol++) {
    if (((bytes[1 + (symbol >> 3)] >> (symbol & 7)) & 1) === 0) continue
    frequencies[symbol] = bytes[at] | (bytes[at + 1] << 8)
    total += frequencies[symbol]
    at += 2
  }
  if (at + 4 > bytes.length || total !== SLOTS) throw damagedData()
  const length = (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
  at += 4
  if (length > bytes.length - at) throw damagedData()
  const coder = new RansDecoder(bytes.subarray(at, at + length))
  coder.decodeAll(createFrequencyTable(frequencies), out, size - 1, size)
  if (!coder.finished) throw damagedData()
  return at + length
}

/** Joins arrays of bytes. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((n, { length }) => n + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** The number that 16 bits represent (IEEE 754 binary16). */
export function halfToFloat(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction
          ? Number.NaN
          : Number.POSITIVE_INFINITY
        : (1 + fraction / 1024) * 2 ** (exponent - 15)
  return bits & 0x8000 ? -size : size
}
