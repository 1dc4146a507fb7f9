import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeValues, encodeValues, halfToFloat, MOST_VALUES_PER_BYTE } from '../../src/packed/values.ts'

describe('values', () => {
  it('come back, whatever they are', () => {
    const numbers = fc.constantFrom(1, 2, 4).chain(size =>
      fc.record({
        size: fc.constant(size),
        // Few different bytes are coded, many are stored.
        bytes: fc
          .nat(255)
          .chain(most =>
            fc
              .array(fc.nat(most), { maxLength: 400 })
              .map(list => Uint8Array.from(list.slice(0, list.length - (list.length % size)))),
          ),
      }),
    )
    fc.assert(
      fc.property(numbers, ({ size, bytes }) => {
        const encoded = encodeValues(bytes, size)
        expect(encoded.length * MOST_VALUES_PER_BYTE).toBeGreaterThanOrEqual(bytes.length / size)
        expect(decodeValues(encoded, bytes.length / size, size)).toEqual(bytes)
      }),
    )
  })

  it('of few different exponents take less than their bytes', () => {
    const floats = Float32Array.from({ length: 4000 }, (_, i) => 0.1 * Math.sin(i))
    expect(encodeValues(new Uint8Array(floats.buffer), 4).length).toBeLessThan(3.4 * 4000)
  })

  it('are refused where bytes are missing or left', () => {
    const encoded = encodeValues(
      Uint8Array.from({ length: 64 }, (_, i) => i % 3),
      1,
    )
    for (const length of [0, 1, 20, 40, encoded.length - 1])
      expect(() => decodeValues(encoded.subarray(0, length), 64, 1)).toThrow('its coded data are damaged')
    expect(() => decodeValues(Uint8Array.of(...encoded, 0), 64, 1)).toThrow('damaged')
    expect(() => decodeValues(Uint8Array.of(2), 0, 1)).toThrow('damaged')
  })
})

describe('halfToFloat', () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3c00, 1],
    [0xbc01, -(1 + 2 ** -10)],
    [0x7bff, 65_504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('reads %i', (bits, value) => {
    expect(halfToFloat(bits)).toBe(value)
  })
})
