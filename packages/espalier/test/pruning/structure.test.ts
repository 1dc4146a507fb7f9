import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PruneOptions, prune, type WeightClass } from '../../src/pruning/index.ts'

const matrixClass = (name: string, rows: number, columns: number, data: Iterable<number>): WeightClass => ({
  name,
  tensors: [{ name: `${name}.weight`, shape: [rows, columns], data: Float32Array.from(data) }],
})
const marks = (classes: WeightClass[], options: Partial<PruneOptions>, name = classes[0].name) =>
  Array.from(prune(classes, { scheme: 'class-blind', fraction: 0.5, ...options }).kept.get(`${name}.weight`)!)

const matrix = fc
  .record({ rows: fc.integer({ min: 1, max: 7 }), columns: fc.integer({ min: 1, max: 9 }) })
  .chain(({ rows, columns }) =>
    fc
      .array(fc.integer({ min: -9, max: 9 }), { minLength: rows * columns, maxLength: rows * columns })
      .map(data => matrixClass('a', rows, columns, data)),
  )

describe('blocks', () => {
  it('go whole, the one of least norm first', () => {
    const a = matrixClass('a', 2, 4, [3, 0, 2, 2, 1, 1, 0, 9])
    expect(marks([a], { block: '1x2' })).toEqual([1, 1, 0, 0, 0, 0, 1, 1])
    expect(marks([a], { block: '2x1' })).toEqual([1, 0, 0, 1, 1, 0, 0, 1])
  })

  it('at the edge are as large as the matrix lets them be', () => {
    const a = matrixClass('a', 1, 5, [1, 1, 2, 2, 3])
    expect(marks([a], { block: '1x2', fraction: 0.34 })).toEqual([0, 0, 1, 1, 1])
  })

  it('make up the fraction of all weights, nested, and single weights where a block is one weight', () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 4 }), (a, hundredths, n) => {
        const f = hundredths / 100
        const { shape, data } = a.tensors[0]
        const [rows, columns] = shape
        const found = marks([a], { block: `1x${n}`, fraction: f })
        const across = Math.ceil(columns / n)
        const blocks = Array.from({ length: rows * across }, (_, k) => {
          const [row, block] = [Math.floor(k / across), k % across]
          return found.slice(row * columns + block * n, row * columns + Math.min(columns, (block + 1) * n))
        })
        for (const block of blocks) expect(new Set(block).size).toBe(1)
        const pruned = found.filter(mark => mark === 0).length
        expect(Math.abs(pruned - f * found.length)).toBeLessThanOrEqual(n / 2 + 1e-9)
        if (columns % n === 0) expect(pruned).toBe(n * Math.round(f * blocks.length))
        if (n === 1) expect(found).toEqual(marks([a], { fraction: f }))
        const more = marks([a], { block: `1x${n}`, fraction: Math.min(0.99, f + 0.2) })
        expect(more.every((mark, i) => mark <= found[i])).toBe(true)
        expect(data).toHaveLength(found.length)
      }),
    )
  })

  it('count what is gone already', () => {
    const a = matrixClass('a', 1, 8, [1, 1, 2, 2, 3, 3, 4, 4])
    const current = prune([a], { scheme: 'class-blind', fraction: 0.25, block: '1x2' })
    expect(marks([a], { block: '1x2', current })).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
  })

  it.each(['0x8', '1x', '8', 'x1', '1x8x2'])('%s is refused', block => {
    expect(() => marks([matrixClass('a', 1, 1, [1])], { block })).toThrow(/--block/)
  })
})

describe('a pattern N:M', () => {
  it('keeps the N largest of each M of a row', () => {
    const a = matrixClass('a', 2, 4, [1, -2, 3, -4, 4, 3, 2, 1])
    expect(marks([a], { pattern: '2:4', fraction: 0 })).toEqual([0, 0, 1, 1, 1, 1, 0, 0])
  })
  it('keeps no more where the row ends first, and what is pruned stays so', () => {
    fc.assert(
      fc.property(matrix, a => {
        const current = prune([a], { scheme: 'class-blind', fraction: 0.3 })
        const found = marks([a], { pattern: '2:4', fraction: 0, current })
        const [rows, columns] = a.tensors[0].shape
        for (let row = 0; row < rows; row++)
          for (let start = 0; start < columns; start += 4) {
            const group = found.slice(row * columns + start, row * columns + Math.min(columns, start + 4))
            expect(group.reduce((n, mark) => n + mark, 0)).toBeLessThanOrEqual(2)
          }
        expect(found.every((mark, i) => mark <= current.kept.get('a.weight')![i])).toBe(true)
      }),
    )
  })
  it.each(['4:4', '0:4', '2', '2:4:8'])('%s is refused', pattern => {
    expect(() => marks([matrixClass('a', 1, 4, [1, 2, 3, 4])], { pattern })).toThrow(/--pattern/)
  })
})

describe('classes', () => {
  const a = matrixClass('a', 1, 4, [1, 2, 3, 4])
  const b = matrixClass('b', 1, 4, [0.1, 0.2, 0.3, 0.4])
  it('are chosen by name, and the fraction is of what is chosen', () => {
    expect(marks([a, b], { only: ['a'] })).toEqual([0, 0, 1, 1])
    expect(prune([a, b], { scheme: 'class-blind', fraction: 0.5, except: ['a'] }).kept.has('a.weight')).toBe(false)
  })
  it('have fractions of their own in a budget', () => {
    const budget = { a: 0.25, b: 0.75 }
    expect(marks([a, b], { budget })).toEqual([0, 1, 1, 1])
    expect(marks([a, b], { budget }, 'b')).toEqual([0, 0, 0, 1])
  })
  it('that there are not are refused, with those that there are', () => {
    expect(() => marks([a, b], { only: ['c'] })).toThrow('no weight class c; there are a, b')
    expect(() => marks([a, b], { except: ['a', 'b'] })).toThrow('no weight class is left')
  })
})
