import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodePositions, gapTable, PositionDecoder } from '../../src/packed/positions.ts'

function decodePositions(bytes: Uint8Array, { rows, columns }: { rows: number; columns: number }): Uint8Array {
  const kept = new Uint8Array(rows * columns)
  const decoder = new PositionDecoder(bytes, columns)
  const found = new Uint32Array(columns)
  for (let row = 0; row < rows; row++) {
    const count = decoder.readRow(found)
    for (let i = 0; i < count; i++) kept[row * columns + found[i]] = 1
  }
  decoder.finish()
  return kept
}

/** A matrix of marks, each row with a density of its own. */
const matrices = fc
  .record({
    columns: fc.integer({ min: 1, max: 600 }),
    densities: fc.array(fc.oneof(fc.constantFrom(0, 1, 0.001), fc.double({ min: 0, max: 1, noNaN: true })), {
      maxLength: 20,
    }),
    seed: fc.integer(),
  })
  .map(({ columns, densities, seed }) => ({
    rows: densities.length,
    columns,
    kept: Uint8Array.from(densities.flatMap((p, row) => marks(columns, p, seed + row))),
  }))

function marks(count: number, density: number, seed: number): number[] {
  let state = seed >>> 0
  return Array.from({ length: count }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return Math.imul(state, 0x85ebca6b) >>> 0 < density * 2 ** 32 ? 1 : 0
  })
}

describe('positions of kept weights', () => {
  it('have a model for gaps of every density', () => {
    for (let density = 1; density < 4096; density++) {
      const { frequency } = gapTable(density)
      expect(frequency.reduce((a, b) => a + b, 0)).toBe(4096)
      expect(Math.min(...frequency)).toBeGreaterThanOrEqual(1)
    }
  })

  it('far apart in long rows come back', () => {
    for (const [columns, ...places] of [
      [5000, 0, 3000],
      [5000, 3, 3000],
      [8192, 10, 11, 12],
      [65_536, 7, 60_000, 65_535],
    ]) {
      const kept = new Uint8Array(columns)
      for (const place of places) kept[place] = 1
      expect(decodePositions(encodePositions({ rows: 1, columns, kept }), { rows: 1, columns })).toEqual(kept)
    }
  })

  it('come back, whatever they are', () => {
    fc.assert(
      fc.property(matrices, ({ rows, columns, kept }) => {
        expect(decodePositions(encodePositions({ rows, columns, kept }), { rows, columns })).toEqual(kept)
      }),
      { numRuns: 300 },
    )
  })

  it('of rows longer than any gap model, nearly empty and nearly full', () => {
    for (const density of [0, 0.0001, 0.5, 0.9999, 1]) {
      const [rows, columns] = [3, 70_000]
      const kept = Uint8Array.from(marks(rows * columns, density, 7))
      expect(decodePositions(encodePositions({ rows, columns, kept }), { rows, columns })).toEqual(kept)
    }
  })

  it.each([0.02, 0.05, 0.1, 0.2, 0.5].map(density => ({ density })))(
    'take no more than 1.5 % beyond their entropy at a density of $density',
    ({ density }) => {
      const [rows, columns] = [2000, 500]
      const kept = Uint8Array.from(marks(rows * columns, density, 3))
      const n = kept.reduce((a, b) => a + b, 0) / kept.length
      const bound = (-n * Math.log2(n) - (1 - n) * Math.log2(1 - n)) * kept.length
      expect((8 * encodePositions({ rows, columns, kept }).length) / bound).toBeLessThan(1.015)
    },
  )

  it('take less than the entropy of the whole where rows differ', () => {
    const [rows, columns] = [2000, 500]
    const kept = Array.from({ length: rows }, (_, row) => marks(columns, row < 200 ? 0.6 : 0.1, row)).flat()
    const n = kept.reduce((a, b) => a + b, 0) / kept.length
    const bound = (-n * Math.log2(n) - (1 - n) * Math.log2(1 - n)) * kept.length
    expect((8 * encodePositions({ rows, columns, kept: Uint8Array.from(kept) }).length) / bound).toBeLessThan(0.9)
  })

  it('are refused or other positions where bytes are cut or changed, never a hang or an error of another kind', () => {
    const [rows, columns] = [40, 200]
    const bytes = encodePositions({ rows, columns, kept: Uint8Array.from(marks(rows * columns, 0.2, 5)) })
    const read = (damaged: Uint8Array) => {
      try {
        return decodePositions(damaged, { rows, columns }).length
      } catch (error) {
        return (error as { code?: string }).code
      }
    }
    for (let length = 0; length < bytes.length; length++) expect(read(bytes.slice(0, length))).toBe('damaged-file')
    for (let i = 0; i < 8 * bytes.length; i++) {
      const changed = bytes.slice()
      changed[i >> 3] ^= 1 << (i & 7)
      expect([rows * columns, 'damaged-file']).toContain(read(changed))
    }
  })
})
