import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrequencyTable, normalizeFrequencies, RansDecoder, RansEncoder, SLOTS } from '../../src/packed/rans.ts'

const histograms = fc.array(fc.oneof(fc.constant(0), fc.nat(20), fc.nat(1_000_000)), { minLength: 1, maxLength: 256 })

describe('normalised frequencies', () => {
  it('fill all slots, and leave at least one to every symbol that occurs', () => {
    fc.assert(
      fc.property(histograms, histogram => {
        const slots = normalizeFrequencies(histogram)
        expect(slots.reduce((a, b) => a + b, 0)).toBe(SLOTS)
        if (histogram.some(n => n > 0)) expect(slots.map(n => n > 0)).toEqual(histogram.map(n => n > 0))
      }),
    )
  })

  it('are in proportion where that is possible', () => {
    expect(normalizeFrequencies([3, 0, 1])).toEqual([3072, 0, 1024])
    expect(normalizeFrequencies([0, 0])).toEqual([SLOTS])
  })
})

describe('the coder', () => {
  it('gives back symbols and bits in their order, and knows when it is finished', () => {
    fc.assert(
      fc.property(histograms, fc.array(fc.nat(), { maxLength: 300 }), (histogram, draws) => {
        const table = createFrequencyTable(normalizeFrequencies(histogram))
        const occurring = [...table.frequency.keys()].filter(symbol => table.frequency[symbol] > 0)
        const encoder = new RansEncoder()
        for (const draw of draws) {
          encoder.encode(occurring[draw % occurring.length], table)
          encoder.bits(draw & 4095, 12)
        }
        const decoder = new RansDecoder(encoder.finish())
        for (const draw of draws) {
          expect(decoder.decode(table)).toBe(occurring[draw % occurring.length])
          expect(decoder.bits(12)).toBe(draw & 4095)
        }
        expect(decoder.finished).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('takes little more than the entropy', () => {
    const table = createFrequencyTable(normalizeFrequencies([15, 1]))
    const encoder = new RansEncoder()
    for (let i = 0; i < 16_000; i++) encoder.encode(i % 16 === 0 ? 1 : 0, table)
    const entropy = -(15 / 16) * Math.log2(15 / 16) - (1 / 16) * Math.log2(1 / 16)
    expect(8 * encoder.finish().length).toBeLessThan(1.005 * 16_000 * entropy + 64)
  })

  it('refuses bytes that end too early, and frequencies that do not fill the slots', () => {
    const table = createFrequencyTable([2048, 2048])
    const encoder = new RansEncoder()
    for (let i = 0; i < 100; i++) encoder.encode(i & 1, table)
    const bytes = encoder.finish()
    const read = (length: number) => {
      const decoder = new RansDecoder(bytes.subarray(0, length))
      for (let i = 0; i < 100; i++) decoder.decode(table)
    }
    for (let length = 0; length < bytes.length; length++)
      expect(() => read(length)).toThrow(expect.objectContaining({ code: 'damaged-file' }))
    expect(() => createFrequencyTable([4095])).toThrow('add up to 4095, not 4096')
  })
})
