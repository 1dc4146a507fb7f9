import { describe, expect, it } from 'vitest'
import { networkConfig, networkSchema } from '../../src/configuration/network.ts'
import { PairStore } from '../../src/corpus/pair-store.ts'
import { initialParameters } from '../../src/network/parameters.ts'
import { Mask } from '../../src/pruning/index.ts'
import { describeRareWords } from '../../src/study/analyses/rare-words.ts'
import { wordUse } from '../../src/study/analyses/word-updates.ts'

describe('how often words are trained', () => {
  // Ids from 4 on are words. Word 4 is in every sentence, twice in one; 5 in two; 6 in one.
  const store = PairStore.of([
    { source: [4, 4, 5], target: [4] },
    { source: [4, 5], target: [4] },
    { source: [4], target: [5, 4] },
    { source: [4, 6], target: [4] },
  ])
  const sizes = { source: 8, target: 6 }
  const options = { batchSize: 1, accumulation: 1, seed: 1, epochs: 3 }

  it('is the share of updates whose sentences have them', () => {
    const { source, target } = wordUse(store, options, sizes)
    expect(source.counts).toEqual([0, 0, 0, 0, 5, 2, 1, 0])
    expect(source.updates).toEqual([0, 0, 0, 0, 1, 0.5, 0.25, 0])
    expect(target.counts).toEqual([0, 0, 0, 0, 4, 1])
    expect(target.updates).toEqual([0, 0, 0, 0, 1, 0.25])
  })

  it('grows with the batch, in parts or not, and ends where training ends', () => {
    const whole = wordUse(store, { ...options, batchSize: 4 }, sizes)
    expect(whole.source.updates.slice(4)).toEqual([1, 1, 1, 0])
    expect(wordUse(store, { ...options, accumulation: 4 }, sizes)).toEqual(whole)
    const half = wordUse(store, { ...options, epochs: 0.5 }, sizes)
    expect(half.source.updates[4]).toBe(1)
    // Of two updates each word was in a whole number.
    expect(half.source.updates.every(share => [0, 0.5, 1].includes(share))).toBe(true)
    expect(wordUse(store, { ...options, epochs: 0 }, sizes).source.updates).toEqual(Array(8).fill(0))
  })
})

describe('what is kept of words', () => {
  const model = networkConfig(networkSchema.parse({ layers: 1, hidden: 4, embedding: 4, attention: 'none' }), {
    source: 4 + 12,
    target: 4 + 12,
  })
  const initial = initialParameters(model, 7)
  // Of word i, from 0 and the most frequent on, the embedding keeps four weights down to none, the output layer keeps one.
  const keep = (row: number) => (row < 4 ? 4 : Math.max(0, 4 - Math.floor((row - 4) / 3)))
  const embedding = Uint8Array.from({ length: 16 * 4 }, (_, i) => Number(i % 4 < keep(Math.floor(i / 4))))
  const output = Uint8Array.from({ length: 16 * 4 }, (_, i) => Number(i % 4 === 0))
  const mask = new Mask(
    new Map([
      ['source_embedding.weight', embedding],
      ['target_embedding.weight', output],
      ['softmax.weight', output],
      ['encoder.weight_ih_l0', new Uint8Array(16 * 4)],
    ]),
  )
  const counts = Array.from({ length: 16 }, (_, row) => (row < 4 ? 0 : 100 - row))
  // Updates tell words apart two by two only.
  const updates = counts.map((_, row) => 1 / (2 + Math.floor(row / 2)))
  const use = { source: { counts, updates }, target: { counts, updates } }
  // Training moved the first word's row of the source embedding by 0.5.
  const parameters = new Map(initial)
  const moved = initial.get('source_embedding.weight')
  if (!moved) throw new Error('there is no source embedding')
  parameters.set('source_embedding.weight', {
    shape: moved.shape,
    data: moved.data.map((w, i) => (i >= 16 && i < 20 ? w + 0.5 : w)),
  })

  it('is told by frequency, and by updates beside it', () => {
    const { matrices, fraction } = describeRareWords({ model, parameters, mask, fraction: 0.8, seed: 7, use })
    expect(fraction).toBe(0.8)
    expect(matrices.map(({ name, words }) => [name, words])).toEqual([
      ['source-embedding', 12],
      ['target-embedding', 12],
      ['softmax', 12],
    ])
    const [source, target, softmax] = matrices
    expect(source.frequencyAndKept).toBeGreaterThan(0.9)
    expect(source.frequencyAndUpdates).toBeGreaterThan(0.9)
    expect(source.frequencyAndUpdates).toBeLessThan(1)
    expect(source.frequencyBeyondUpdates).toBeDefined()
    expect([source.frequentKept, source.rareKept].map(x => x.toFixed(3))).toEqual(['0.875', '0.375'])
    expect([target.frequencyAndKept, target.rareKept]).toEqual([0, 0.25])
    // Every row of the output layer is updated always, so that updates tell nothing.
    expect(softmax.updatesAndKept).toBe(0)
    expect(softmax.bands.every(band => band.updates === 1)).toBe(true)
    expect(source.bands.map(({ from, to }) => [from, to])).toEqual([
      [1, 4],
      [5, 10],
      [11, 12],
    ])
    expect(source.bands.map(({ kept }) => kept.toFixed(4))).toEqual(['0.9375', '0.5417', '0.2500'])
    expect(source.bands.map(band => band.moved.toFixed(3))).toEqual(['0.125', '0.000', '0.000'])
  })
})
