/** Kept values alone, and whole arrays: one is made of the other without loss. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  blockOf,
  keptCount,
  maskOfPattern,
  patternOf,
  toKeptValues,
  toWholeArray,
} from '../../src/pruning/kept-values.ts'

const BLOCKS = [
  [1, 1],
  [1, 4],
  [1, 8],
  [4, 1],
] as const

/** A mask of blocks of one size: for each block whether it is kept. */
const masks = fc
  .record({
    block: fc.constantFrom(...BLOCKS),
    rows: fc.integer({ min: 1, max: 4 }),
    columns: fc.integer({ min: 1, max: 4 }),
    bits: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
  })
  .map(({ block, rows, columns, bits }) => {
    const shape = [rows * block[0], columns * block[1]]
    const kept = new Uint8Array(shape[0] * shape[1])
    for (let i = 0; i < kept.length; i++) {
      const [row, column] = [Math.floor(i / shape[1]), i % shape[1]]
      kept[i] = bits[Math.floor(row / block[0]) * columns + Math.floor(column / block[1])] ? 1 : 0
    }
    return { block, shape, kept }
  })

describe('kept values', () => {
  it('and their pattern are made of a masked array and give it back, in whichever blocks fit', () => {
    fc.assert(
      fc.property(masks, ({ block, shape, kept }) => {
        const whole = { shape, data: Float32Array.from(kept, (bit, i) => bit * (i + 1)) }
        const count = kept.reduce((n, bit) => n + bit, 0)
        for (const pattern of [patternOf(kept, shape), patternOf(kept, shape, block), patternOf(kept, shape, [1, 1])]) {
          const values = toKeptValues(whole, pattern)
          expect(keptCount(pattern)).toBe(count)
          expect(values.data.length).toBe(count)
          expect(toWholeArray(values)).toEqual(whole)
          expect(maskOfPattern(pattern, shape)).toEqual(kept)
        }
      }),
    )
  })

  it('lie in the largest blocks that a mask is made of', () => {
    const mask = (text: string) => Uint8Array.from(text, Number)
    expect(blockOf(mask('1111111100000000'), [2, 8])).toEqual([1, 8])
    expect(blockOf(mask('1111000000001111'), [2, 8])).toEqual([1, 4])
    expect(blockOf(mask('10101010'), [4, 2])).toEqual([4, 1])
    expect(blockOf(mask('1111000000001110'), [2, 8])).toEqual([1, 1])
    // A row of 12 is no whole number of blocks of 8.
    expect(blockOf(mask('111111110000'), [1, 12])).toEqual([1, 4])
  })

  it('of a whole array are the array itself', () => {
    const whole = { shape: [2], data: Float32Array.of(1, 2) }
    expect(toWholeArray(whole)).toEqual(whole)
  })
})
