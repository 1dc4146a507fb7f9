import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchesByLength, inBatches, UserError } from '../../src/index.ts'

const lengths = fc.array(fc.nat(50))
const most = fc.integer({ min: 1, max: 200 })

describe('batches by length', () => {
  it('hold each sentence once, the longest first, and no more than the budget', () =>
    fc.assert(
      fc.property(lengths, most, most, (list, sentences, tokens) => {
        const batches = batchesByLength(list, { sentences, tokens })
        const order = batches.flat()
        expect([...order].sort((a, b) => a - b)).toEqual(list.map((_, i) => i))
        expect(order.map(i => list[i])).toEqual([...list].sort((a, b) => b - a))
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(sentences)
          if (batch.length > 1) expect(batch.length * list[batch[0]]).toBeLessThanOrEqual(tokens)
        }
      }),
    ))

  it('are as large as the budget allows', () => {
    expect(batchesByLength([3, 9, 3, 3, 3], { tokens: 6 })).toEqual([[1], [0, 2], [3, 4]])
    expect(batchesByLength([0, 0, 0], { sentences: 2 })).toEqual([[0, 1], [2]])
  })

  it('refuse a budget for nothing', () => {
    expect(() => batchesByLength([1], { sentences: 0 })).toThrow(UserError)
    expect(() => batchesByLength([1], { tokens: Number.NaN })).toThrow('NaN tokens')
  })
})

describe('work in batches', () => {
  const collect = async <T>(results: AsyncIterable<T>) => {
    const all: T[] = []
    for await (const result of results) all.push(result)
    return all
  }

  it('answers in the order of the items, whatever the window', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.string()), most, most, async (items, sentences, window) => {
        const work = async (batch: string[]) => batch.map(s => `${s}!`)
        const results = inBatches(items, { length: s => s.length, work, sentences, window })
        expect(await collect(results)).toEqual(items.map(s => `${s}!`))
      }),
    ))

  it('reads no further than its window before it answers', async () => {
    let read = 0
    const endless = function* () {
      for (;;) yield ++read
    }
    const results = inBatches(endless(), { length: () => 1, work: async batch => batch, window: 3 })
    expect(await results.next()).toEqual({ value: 1, done: false })
    expect(read).toBe(3)
    await results.return()
  })

  it('fails where work answers too little', async () => {
    const results = inBatches([1, 2], { length: () => 1, work: async () => [1] })
    await expect(collect(results)).rejects.toThrow('1 results for a batch of 2')
  })
})

describe('items that arrive one by one', () => {
  it('are worked on when they have arrived, without the next ones', async () => {
    let release = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    async function* slow() {
      yield* [1, 2, 3]
      await held
      yield* [4, 5]
    }
    const batches: number[][] = []
    const work = async (batch: number[]) => {
      batches.push(batch)
      return batch
    }
    const results = inBatches(slow(), { length: () => 1, work })
    for (const expected of [1, 2, 3]) expect(await results.next()).toEqual({ value: expected, done: false })
    release()
    expect(await results.next()).toEqual({ value: 4, done: false })
    expect(await results.next()).toEqual({ value: 5, done: false })
    expect((await results.next()).done).toBe(true)
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ])
  })

  it('are not waited for when nobody wants them any more', async () => {
    async function* stuck() {
      yield 1
      await new Promise(() => {})
      yield 2
    }
    const results = inBatches(stuck(), { length: () => 1, work: async batch => batch })
    await results.next()
    expect(await results.return()).toEqual({ value: undefined, done: true })
  })

  it('are answered before a failure that comes after them', async () => {
    async function* failing() {
      yield* [1, 2]
      await new Promise(resolve => setTimeout(resolve, 60))
      throw new Error('the input broke')
    }
    const results = inBatches(failing(), { length: () => 1, work: async batch => batch })
    expect((await results.next()).value).toBe(1)
    expect((await results.next()).value).toBe(2)
    await expect(results.next()).rejects.toThrow('the input broke')
  })

  it('fill windows when they arrive quickly, and none is read beyond a full one', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 9 }), async (count, window) => {
        let read = 0
        async function* quick() {
          for (let i = 0; i < count; i++) {
            read++
            yield i
          }
        }
        const sizes: number[] = []
        const work = async (batch: number[]) => {
          expect(read).toBe(Math.min(count, (sizes.length + 1) * window))
          sizes.push(batch.length)
          return batch
        }
        const all: number[] = []
        for await (const item of inBatches(quick(), { length: () => 1, work, window })) all.push(item)
        expect(all).toEqual(Array.from({ length: count }, (_, i) => i))
        expect(sizes).toHaveLength(Math.ceil(count / window))
      }),
    ))
})
