import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Mask, type PartClass, prune, rowsOf, type WeightTensor, wholeMask } from '../../src/pruning/index.ts'

const matrix = (name: string, rows: number, columns: number): WeightTensor => ({
  name,
  shape: [rows, columns],
  data: Float32Array.from({ length: rows * columns }, (_, i) => ((i * 7919) % 101) / 101 - 0.5),
})

describe('parts of tensors', () => {
  it('are pruned like tensors, and the mask of the whole says so', () => {
    const [a, b] = [matrix('a', 4, 3), matrix('b', 2, 2)]
    const gate: PartClass = { name: 'gate', tensors: [rowsOf(a, 1, 3), rowsOf(b, 0, 1)] }
    const { kept } = wholeMask(prune([gate], { fraction: 0.5 }), [gate])
    // The four least of the eight weights of a's rows 1 and 2 and of b's row 0.
    const places = [...a.data.subarray(3, 9), ...b.data.subarray(0, 2)].map(Math.abs)
    const threshold = [...places].sort((x, y) => x - y)[3]
    expect([...(kept.get('a') ?? [])]).toEqual(
      [...a.data].map((w, i) => Number(i < 3 || i >= 9 || Math.abs(w) > threshold)),
    )
    expect([...(kept.get('b') ?? [])]).toEqual([...b.data].map((w, i) => Number(i >= 2 || Math.abs(w) > threshold)))
  })

  it('that make up a tensor have its mask between them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 5 }), fc.nat(), (rows, columns, seed) => {
        const whole = matrix('w', rows, columns)
        const cut = 1 + (seed % (rows - 1))
        const parts: PartClass[] = [rowsOf(whole, 0, cut), rowsOf(whole, cut, rows)].map((part, i) => ({
          name: `part-${i}`,
          tensors: [part],
        }))
        // Both parts are one scope, as the tensor by itself is.
        expect(wholeMask(prune(parts, { fraction: 0.6 }), parts)).toEqual(
          prune([{ name: 'whole', tensors: [whole] }], { fraction: 0.6 }),
        )
      }),
    )
  })

  it('are rows that the tensor has', () => {
    expect(() => rowsOf(matrix('w', 4, 2), 2, 5)).toThrow('rows 2 to 5 of w, which has 4')
    expect(() => rowsOf(matrix('w', 4, 2), 2, 2)).toThrow(RangeError)
  })
})

it('a mask of some tensors alone', () => {
  const mask = new Mask(new Map(['a', 'b', 'c'].map(name => [name, Uint8Array.of(0, 1)])))
  expect([...mask.of([{ name: 'c' }, { name: 'a' }, { name: 'd' }]).kept.keys()]).toEqual(['a', 'c'])
})
