import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BOS, EOS, type LengthNormalization, translateTokens, UserError } from '../../src/index.ts'
import { distribution, exhaustiveSearch, plainBeamSearch, ToyNetwork, toyAttention } from './toy-network.ts'

const normalizations: LengthNormalization[] = [
  { kind: 'none' },
  { kind: 'average' },
  { kind: 'gnmt', alpha: 0.6 },
  { kind: 'gnmt', alpha: 0 },
  { kind: 'gnmt', alpha: 1.5 },
]
const sentence = fc.array(fc.integer({ min: 4, max: 6 }), { minLength: 1, maxLength: 4 })
const anySentence = fc.array(fc.integer({ min: 4, max: 6 }), { maxLength: 4 })

/** The natural logarithms of a distribution; what is not named is impossible. */
const table = (p: Record<number, number>) =>
  Array.from({ length: 7 }, (_, token) => Math.fround(Math.log(p[token] ?? 0)))

describe('beam search', () => {
  it.each(normalizations)('with a wide beam finds what exhaustive search finds: %j', normalization =>
    fc.assert(
      fc.asyncProperty(fc.integer(), sentence, fc.integer({ min: 1, max: 8 }), async (seed, s, nbest) => {
        // 4 words, at most 3 of them: 64 hypotheses can be live, each with 5 candidates.
        const options = { beam: 400, nbest, normalization, maxLength: () => 3 }
        const [found] = await translateTokens(new ToyNetwork(seed), [s], options)
        const wanted = exhaustiveSearch(seed, s, 3, normalization).slice(0, nbest)
        const complete = found.filter(h => h.complete)
        expect(complete.map(({ tokens, score }) => ({ tokens, score }))).toEqual(wanted)
      }),
      { numRuns: 60 },
    ),
  )

  it.each(normalizations)('with a narrow beam finds what a plain one finds without ending early: %j', normalization =>
    fc.assert(
      fc.asyncProperty(fc.integer(), sentence, fc.integer({ min: 2, max: 5 }), async (seed, s, beam) => {
        const options = { beam, nbest: 2, normalization, maxLength: () => 9 }
        const [found] = await translateTokens(new ToyNetwork(seed), [s], options)
        const wanted = plainBeamSearch(seed, s, beam, 9, normalization).slice(0, 2)
        const complete = found.filter(h => h.complete)
        expect(complete.map(({ tokens, score }) => ({ tokens, score }))).toEqual(wanted)
      }),
    ),
  )

  it('with beam 1 takes the best token each time', () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), sentence, async (seed, s) => {
        const [[found]] = await translateTokens(new ToyNetwork(seed), [s], { beam: 1 })
        const tokens: number[] = []
        while (tokens.length < 2 * s.length + 10) {
          const p = distribution(seed, s, tokens).map((v, id) => (id === 0 || id === BOS ? -Infinity : v))
          const best = p.indexOf(Math.max(...p))
          if (best === EOS) break
          tokens.push(best)
        }
        expect(found.tokens).toEqual(tokens)
      }),
    ))

  it('answers translations in order and all different, with their log probability and attention', () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), sentence, fc.integer({ min: 1, max: 5 }), async (seed, s, beam) => {
        const [list] = await translateTokens(new ToyNetwork(seed), [s], { beam, nbest: beam, attention: true })
        expect(new Set(list.map(h => h.tokens.join())).size).toBe(list.length)
        expect(list.map(h => [h.complete ? 1 : 0, h.score])).toEqual(
          list.map(h => [h.complete ? 1 : 0, h.score]).sort((a, b) => b[0] - a[0] || b[1] - a[1]),
        )
        for (const { tokens, complete, score, logProbability, attention } of list) {
          const predicted = complete ? [...tokens, EOS] : tokens
          const sum = predicted.reduce((p, t, i) => p + distribution(seed, s, tokens.slice(0, i))[t], 0)
          expect(logProbability).toBe(sum)
          expect(score).toBe(sum / predicted.length)
          expect(attention?.map(a => [...a])).toEqual(tokens.map((_, i) => toyAttention(s, tokens.slice(0, i))))
        }
      }),
    ))
})

describe('a batch', () => {
  it('gives what its sentences give one by one, whatever kind of integers the network answers', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(anySentence, { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (seed, sources, beam, wideIds) => {
          const options = { beam, nbest: beam, attention: true }
          const together = await translateTokens(new ToyNetwork(seed, { wideIds }), sources, options)
          expect(together).toHaveLength(sources.length)
          for (const [i, s] of sources.entries())
            expect([together[i]]).toEqual(await translateTokens(new ToyNetwork(seed), [s], options))
        },
      ),
    ))

  it('lets finished sentences go, an eighth of it or more at a time, and is disposed of', async () => {
    const sources = Array.from({ length: 64 }, (_, i) => Array.from({ length: 4 }, (_, k) => 4 + ((i >> k) % 3)))
    const network = new ToyNetwork(3)
    await translateTokens(network, sources, { beam: 3 })
    const kept = network.calls.filter(c => c.startsWith('keep')).map(c => Number(c.slice(5)))
    expect(kept.length).toBeGreaterThan(2)
    for (const [i, n] of [64, ...kept].slice(0, -1).entries()) expect(kept[i]).toBeLessThanOrEqual((n * 7) / 8)
    expect(network.calls.filter(c => c === 'dispose')).toHaveLength(1)
    expect(network.calls.at(-1)).toBe('dispose')
  })

  it('is disposed of after a failure too', async () => {
    const network = new ToyNetwork(0, { table: () => new Array(7).fill(Number.NaN) })
    await expect(translateTokens(network, [[4]])).rejects.toThrow('not a number')
    expect(network.calls).toEqual(['encode 1', 'step 1', 'dispose'])
  })

  it('needs no network for no sentence, or none with words', async () => {
    const network = new ToyNetwork(1)
    expect(await translateTokens(network, [])).toEqual([])
    const empty = { tokens: [], score: 0, logProbability: 0, complete: true }
    expect(await translateTokens(network, [[], []])).toEqual([[empty], [empty]])
    expect(network.calls).toEqual([])
  })
})

describe('the end of a search', () => {
  const never = (_: unknown, prefix: readonly number[]) =>
    prefix.length === 0 ? table({ 4: 0.6, 5: 0.4 }) : table({ 4: 0.9, 5: 0.1 })

  it('comes at the greatest length: what is open is taken as it is, and says so', async () => {
    const options = { beam: 2, nbest: 2, maxLength: () => 3 }
    const [found] = await translateTokens(new ToyNetwork(0, { table: never }), [[4]], options)
    expect(found.map(h => [h.tokens, h.complete])).toEqual([
      [[4, 4, 4], false],
      [[5, 4, 4], false],
    ])
    expect(found[0].score).toBeCloseTo(Math.log(0.6 * 0.9 * 0.9) / 3, 6)
    const [[one]] = await translateTokens(new ToyNetwork(0, { table: never }), [[4, 4]], { beam: 1 })
    expect(one.tokens).toHaveLength(14)
  })

  it('puts what is complete before what is cut', async () => {
    const rarely = () => table({ [EOS]: 0.01, 4: 0.99 })
    const options = { beam: 2, nbest: 2, maxLength: () => 1 }
    const [found] = await translateTokens(new ToyNetwork(0, { table: rarely }), [[4]], options)
    expect(found.map(h => [h.tokens, h.complete])).toEqual([
      [[4], true],
      [[], true],
    ])
    const [[best, cut]] = await translateTokens(
      new ToyNetwork(0, { table: (_, prefix) => (prefix.length === 0 ? rarely() : table({ 4: 1 })) }),
      [[4]],
      options,
    )
    expect([best.tokens, best.complete, cut.tokens, cut.complete]).toEqual([[], true, [4], false])
  })

  it('comes as soon as nothing can become better, and not before', async () => {
    // </s> at once: log 0.5. Or a 4, certain afterwards: log 0.4; by average better if it goes on for long.
    const later = (_: unknown, prefix: readonly number[]) =>
      prefix.length === 0 ? table({ [EOS]: 0.5, 4: 0.4, 5: 0.1 }) : table({ [EOS]: 0.6, 4: 0.4 })
    const count = async (normalization: LengthNormalization) => {
      const network = new ToyNetwork(0, { table: later })
      const [[best]] = await translateTokens(network, [[4]], { beam: 2, normalization })
      return [best.tokens, network.calls.filter(c => c.startsWith('step')).length]
    }
    expect(await count({ kind: 'none' })).toEqual([[], 1])
    const [tokens, steps] = await count({ kind: 'average' })
    expect(tokens).toEqual([])
    expect(steps).toBeGreaterThan(1)
  })

  it('comes where no token is possible', async () => {
    const dead = () => table({ 0: 0.5, [BOS]: 0.5 })
    const [found] = await translateTokens(new ToyNetwork(0, { table: dead }), [[4]], { nbest: 3 })
    expect(found).toEqual([{ tokens: [], score: 0, logProbability: 0, complete: false }])
  })
})

describe('options', () => {
  it.each([
    [{ beam: 0 }, 'beam is 0'],
    [{ beam: 2.5 }, 'beam is 2.5'],
    [{ beam: 2, nbest: 3 }, 'nbest 3 is more than a beam of 2'],
    [{ maxLength: () => 0 }, 'maxLength is 0'],
    [{ normalization: { kind: 'gnmt', alpha: -1 } as const }, 'alpha is -1'],
  ])('out of range are refused: %j', async (options, message) => {
    const refusal = translateTokens(new ToyNetwork(0), [[4]], options)
    await expect(refusal).rejects.toThrow(message)
    await expect(refusal).rejects.toBeInstanceOf(UserError)
  })
})
