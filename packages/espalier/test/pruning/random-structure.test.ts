import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mask } from '../../src/pruning/mask.ts'
import { randomStructure } from '../../src/pruning/random-structure.ts'

const mask = fc
  .array(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 4 })
  .map(list => new Mask(new Map(list.map((bits, i) => [`tensor ${i}`, Uint8Array.from(bits)]))))
const tensorsOf = ({ kept }: Mask) =>
  new Map([...kept].map(([name, { length }]) => [name, { shape: [1, length], data: new Float32Array(length).fill(1) }]))

test('as many weights of each tensor are kept, the same for the same seed', () => {
  fc.assert(
    fc.property(mask, fc.integer(), (original, seed) => {
      const random = randomStructure(original, tensorsOf(original), seed)
      expect([...random.kept.keys()]).toEqual([...original.kept.keys()])
      for (const [name, bits] of original.kept) {
        expect(random.kept.get(name)!.length).toBe(bits.length)
        expect(random.pruned(name)).toBe(original.pruned(name))
      }
      expect(randomStructure(original, tensorsOf(original), seed)).toEqual(random)
    }),
  )
})

test('places are random: whatever was kept, about as much of each half is kept', () => {
  const original = new Mask(new Map([['w', Uint8Array.from({ length: 20_000 }, (_, i) => Number(i < 10_000))]]))
  const one = randomStructure(original, tensorsOf(original), 1).kept.get('w')!
  const first = one.subarray(0, 10_000).reduce((n, bit) => n + bit, 0)
  expect(Math.abs(first - 5000)).toBeLessThan(250)
  expect(randomStructure(original, tensorsOf(original), 2).kept.get('w')).not.toEqual(one)
})
