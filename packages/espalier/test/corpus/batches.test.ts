import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collate, epochBatches, sortedBatches } from '../../src/corpus/batches.ts'
import { PairStore } from '../../src/corpus/pair-store.ts'

const words = (n: number, first = 4) => Array.from({ length: n }, (_, i) => first + i)
const store = PairStore.of(
  Array.from({ length: 1000 }, (_, i) => ({ source: words(1 + ((i * 7) % 13)), target: words(1 + ((i * 5) % 11)) })),
)
const order = (batches: Int32Array[]) => batches.map(batch => [...batch])

describe('epochBatches', () => {
  test('every pair once, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer(),
        fc.nat(50),
        (length, batchSize, seed, epoch) => {
          const some = PairStore.of(Array.from({ length }, (_, i) => ({ source: words(i % 9), target: words(i % 5) })))
          const batches = epochBatches(some, { batchSize, seed, epoch })
          const indices = batches.flatMap(batch => [...batch]).sort((a, b) => a - b)
          expect(indices).toEqual(Array.from({ length }, (_, i) => i))
          expect(Math.max(...batches.map(batch => batch.length))).toBeLessThanOrEqual(batchSize)
          expect(batches).toHaveLength(Math.ceil(length / batchSize))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('the same for the same seed and epoch, another for another', () => {
    const at = (seed: number, epoch: number) => order(epochBatches(store, { batchSize: 16, seed, epoch }))
    expect(at(1, 0)).toEqual(at(1, 0))
    expect(at(1, 0)).not.toEqual(at(1, 1))
    expect(at(1, 0)).not.toEqual(at(2, 0))
  })

  test('pairs of like length come together', () => {
    for (const batch of epochBatches(store, { batchSize: 16, seed: 3, epoch: 0 })) {
      const lengths = Array.from(batch, i => store.targetLength(i))
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
    }
  })

  test('no pairs, no batches', () => {
    expect(epochBatches(PairStore.of([]), { batchSize: 4, seed: 1, epoch: 0 })).toEqual([])
  })
})

test('sortedBatches: every pair once, short first', () => {
  const batches = sortedBatches(store, 64)
  expect(new Set(batches.flatMap(batch => [...batch])).size).toBe(1000)
  const lengths = batches.flatMap(batch => Array.from(batch, i => store.targetLength(i)))
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
})

describe('collate', () => {
  const two = PairStore.of([
    { source: [5, 6, 7], target: [8] },
    { source: [9], target: [10, 11] },
  ])

  test('by hand: time-major, source padded on the left, target on the right', () => {
    const batch = collate(two, Int32Array.of(0, 1), false)
    expect(batch).toMatchObject({ size: 2, sourceLength: 4, targetLength: 3, words: 5 })
    expect([...batch.source]).toEqual([5, 0, 6, 0, 7, 9, 3, 3])
    expect([...batch.targetInput]).toEqual([2, 2, 8, 10, 0, 11])
    expect([...batch.labels]).toEqual([8, 10, 3, 11, 0, 3])
  })

  test('reversed: the words, not the end', () => {
    expect([...collate(two, Int32Array.of(0, 1), true).source]).toEqual([7, 0, 6, 0, 5, 9, 3, 3])
  })

  test('words counts the labels that are no padding', () => {
    for (const indices of epochBatches(store, { batchSize: 32, seed: 1, epoch: 0 })) {
      const batch = collate(store, indices, true)
      expect(batch.labels.filter(id => id !== 0)).toHaveLength(batch.words)
      expect(batch.targetInput.filter(id => id !== 0)).toHaveLength(batch.words)
    }
  })
})

test('a sample of pairs is spread evenly, and all where there are fewer', () => {
  const store = PairStore.of(Array.from({ length: 10 }, (_, i) => ({ source: [i], target: [i, i + 1] })))
  const sources = (some: PairStore) => Array.from({ length: some.length }, (_, i) => some.source(i)[0])
  expect(sources(store.sample(4))).toEqual([0, 2, 5, 7])
  expect([...store.sample(4).target(3)]).toEqual([7, 8])
  expect(sources(store.sample(99))).toEqual(sources(store))
})
