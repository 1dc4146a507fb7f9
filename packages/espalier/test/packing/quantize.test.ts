import { halfToFloat } from '@espalier/runtime/packed'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floatToHalf, kMeans, quantizeValues } from '../../src/packing/quantize.ts'

const finite = fc.float({ noNaN: true, noDefaultInfinity: true })

describe('half precision', () => {
  it('every half is its own nearest half', () => {
    for (let bits = 0; bits < 65536; bits++)
      if (((bits >> 10) & 31) !== 31) expect(floatToHalf(halfToFloat(bits))).toBe(bits)
  })
  it.each([
    // Between 1 and the next half, 1 + 2^-10; ties go to the even one.
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -11 + 2 ** -23, 0x3c01],
    [2 - 2 ** -12, 0x4000],
    // Denormal halves are 2^-24 apart; the smallest normal one is 2^-14.
    [2 ** -25, 0x0000],
    [3 * 2 ** -25, 0x0002],
    [-(2 ** -24), 0x8001],
    [2 ** -14 - 2 ** -26, 0x0400],
    [-0, 0x8000],
    [2 ** -149, 0x0000],
    [65_504, 0x7bff],
    [1e30, 0x7bff],
    [-1e30, 0xfbff],
  ])('%s', (value, bits) => {
    expect(floatToHalf(value)).toBe(bits)
  })
  it('is the nearest, and the even one of two', () => {
    fc.assert(
      fc.property(fc.float({ min: -65_504, max: 65_504, noNaN: true }), value => {
        const bits = floatToHalf(value)
        const distance = Math.abs(halfToFloat(bits) - value)
        for (const other of [bits - 1, bits + 1]) {
          if ((other & 0x7fff) >= 0x7c00 || (other & 0x8000) !== (bits & 0x8000)) continue
          const away = Math.abs(halfToFloat(other) - value)
          expect(away).toBeGreaterThanOrEqual(distance)
          if (away === distance) expect(bits & 1).toBe(0)
        }
      }),
    )
  })
})

describe('int8', () => {
  it('is within half a step of each value, rows apart, the largest at most 127 steps', () => {
    fc.assert(
      fc.property(fc.array(fc.array(finite, { maxLength: 9 }), { minLength: 1, maxLength: 5 }), rows => {
        const values = Float32Array.from(rows.flat())
        const starts = Uint32Array.from([0, ...rows.map((_, i) => rows.slice(0, i + 1).flat().length)])
        const { numbers, scales } = quantizeValues(values, starts, 'int8')
        const halves = new Uint16Array(scales!.buffer, scales!.byteOffset, rows.length)
        const steps = new Float32Array(Uint32Array.from(halves, bits => bits << 16).buffer)
        const codes = new Int8Array(numbers.buffer, numbers.byteOffset, numbers.length)
        rows.forEach((_, row) => {
          for (let i = starts[row]; i < starts[row + 1]; i++) {
            expect(Math.abs(codes[i])).toBeLessThanOrEqual(127)
            // A row of numbers so small that they have no step becomes zero.
            const step = steps[row] === 0 ? 2 ** -140 : steps[row]
            expect(Math.abs(codes[i] * steps[row] - values[i])).toBeLessThanOrEqual(step * 0.5000001)
          }
        })
      }),
    )
  })
})

describe('k-means', () => {
  it('finds clusters that lie apart, and gives each value the nearest centroid', () => {
    const values = Float32Array.of(-1, -1.01, -0.99, 0, 0.01, -0.01, 2, 2.01, 1.99)
    const { centroids, codes } = kMeans(values, 3)
    expect([...centroids].map(c => Number(c.toFixed(4)))).toEqual([-1, 0, 2])
    expect([...codes]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2])
  })
  it('centroids ascend and every code is that of a nearest one, whatever the values', () => {
    const moderate = fc.float({ min: -1000, max: 1000, noNaN: true })
    fc.assert(
      fc.property(fc.array(moderate, { maxLength: 60 }), fc.constantFrom(1, 2, 16), (list, entries) => {
        const { centroids, codes } = kMeans(Float32Array.from(list), entries)
        expect([...centroids]).toEqual([...centroids].sort((a, b) => a - b))
        list.forEach((value, i) => {
          const nearest = Math.min(...[...centroids].map(c => Math.abs(c - value)))
          // Borders are rounded to 32 bits.
          expect(Math.abs(centroids[codes[i]] - value) - nearest).toBeLessThanOrEqual(2 ** -13)
        })
      }),
    )
  })
  it('values of as many kinds as entries, or one kind, lose nothing', () => {
    const values = Float32Array.of(0.5, 0.5, 0.5)
    const { centroids, codes } = kMeans(values, 16)
    expect([...codes].map(code => centroids[code])).toEqual([0.5, 0.5, 0.5])
    expect(kMeans(new Float32Array(0), 16).codes).toHaveLength(0)
  })
})
