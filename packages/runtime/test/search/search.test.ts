import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BOS,
  type DecoderBatch,
  EOS,
  type LengthNormalization,
  pharaoh,
  type TranslationNetwork,
  translateTokens,
} from '../../src/index.ts'
import { hypothesisWords } from '../../src/search/alignment.ts'

const VOCABULARY = 7

/** log p(next | source, prefix), from a hash: any prefix has its own distribution, the same whenever asked. */
function distribution(seed: number, source: readonly number[], prefix: readonly number[]): number[] {
  const scores = Array.from({ length: VOCABULARY }, (_, token) => {
    let h = seed | 0
    for (const n of [...source, -1, ...prefix, -2, token]) h = Math.imul(h ^ (n + 17), 0x9e3779b1) ^ (h >>> 15)
    return ((h >>> 8) % 1000) / 200
  })
  const total = Math.log(scores.reduce((sum, s) => sum + Math.exp(s), 0))
  return scores.map(s => s - total)
}

/** A network whose state is the prefix itself, so that a row that continues the wrong state gives itself away. */
class TableNetwork implements TranslationNetwork {
  readonly targetVocabularySize = VOCABULARY
  constructor(readonly seed: number) {}

  async encode(sources: readonly (readonly number[])[]): Promise<DecoderBatch> {
    const { seed } = this
    let sentences = sources.map((_, i) => i)
    let rows = sources.map((_, i) => ({ sentence: i, prefix: [] as number[] }))
    return {
      async step({ tokens, parents, width, count, attention }) {
        rows = Array.from(tokens, (token, r) => {
          const parent = rows[parents[r]]
          if (parent.sentence !== sentences[Math.floor(r / width)]) throw new Error('a row of another sentence')
          return { sentence: parent.sentence, prefix: [...parent.prefix, token] }
        })
        const best = rows.map(({ sentence, prefix }) => {
          if (prefix[0] !== BOS) throw new Error('a hypothesis without its beginning')
          const p = distribution(seed, sources[sentence], prefix.slice(1))
          return p
            .map((logProbability, id) => ({ id, logProbability }))
            .sort((a, b) => b.logProbability - a.logProbability)
        })
        const flat = best.flatMap(list => list.slice(0, count))
        const sourceLength = Math.max(...sources.map(s => s.length)) + 1
        return {
          ids: Int32Array.from(flat, c => c.id),
          logProbabilities: Float32Array.from(flat, c => c.logProbability),
          attention: attention ? new Float32Array(rows.length * sourceLength).fill(1 / sourceLength) : undefined,
          sourceLength,
        }
      },
      keep(kept) {
        sentences = Array.from(kept, i => sentences[i])
      },
    }
  }
}

function normalized(s: number, n: number, by: LengthNormalization): number {
  if (by.kind === 'none') return s
  return by.kind === 'average' ? s / n : s / ((5 + n) / 6) ** by.alpha
}

/** Every translation up to a length, the best first. */
function exhaustive(seed: number, source: number[], maxLength: number, by: LengthNormalization) {
  const found: { tokens: number[]; score: number }[] = []
  const visit = (prefix: number[], s: number) => {
    const p = distribution(seed, source, prefix)
    found.push({ tokens: prefix, score: normalized(s + p[EOS], prefix.length + 1, by) })
    if (prefix.length + 1 < maxLength) for (const token of [1, 4, 5, 6]) visit([...prefix, token], s + p[token])
  }
  visit([], 0)
  return found.sort((a, b) => b.score - a.score)
}

const normalizations: LengthNormalization[] = [{ kind: 'none' }, { kind: 'average' }, { kind: 'gnmt', alpha: 0.6 }]
const source = fc.array(fc.integer({ min: 4, max: 6 }), { minLength: 1, maxLength: 4 })

describe('beam search', () => {
  it.each(normalizations)('with a wide beam finds what exhaustive search finds: %j', normalization =>
    fc.assert(
      fc.asyncProperty(fc.integer(), source, async (seed, s) => {
        const [found] = await translateTokens(new TableNetwork(seed), [s], {
          beam: 100,
          nbest: 3,
          normalization,
          maxLength: () => 3,
        })
        const wanted = exhaustive(seed, s, 3, normalization).slice(0, 3)
        expect(found.map(h => h.tokens)).toEqual(wanted.map(w => w.tokens))
        found.forEach((h, i) => {
          expect(h.score).toBeCloseTo(wanted[i].score, 4)
        })
      }),
      { numRuns: 30 },
    ),
  )

  it('with beam 1 takes the best token each time', () =>
    fc.assert(
      fc.asyncProperty(fc.integer(), source, async (seed, s) => {
        const [[found]] = await translateTokens(new TableNetwork(seed), [s], { beam: 1 })
        const tokens: number[] = []
        for (let n = 0; n < 2 * s.length + 10; n++) {
          const p = distribution(seed, s, tokens).map((v, id) => (id === 0 || id === BOS ? -Infinity : v))
          const best = p.indexOf(Math.max(...p))
          if (best === EOS) break
          tokens.push(best)
        }
        expect(found.tokens).toEqual(tokens)
      }),
    ))

  it('gives the same for sentences together and one by one', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(source, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        async (seed, sources, beam) => {
          const options = { beam, nbest: beam, attention: true }
          const together = await translateTokens(new TableNetwork(seed), sources, options)
          for (const [i, s] of sources.entries()) {
            const [alone] = await translateTokens(new TableNetwork(seed), [s], options)
            expect(together[i].map(h => h.tokens)).toEqual(alone.map(h => h.tokens))
          }
          for (const list of together) {
            expect(new Set(list.map(h => h.tokens.join())).size).toBe(list.length)
            expect(list.map(h => h.score)).toEqual(list.map(h => h.score).sort((a, b) => b - a))
            for (const h of list) expect(h.attention).toHaveLength(h.tokens.length)
          }
        },
      ),
    ))

  it('ends at the greatest length', async () => {
    const [[found]] = await translateTokens(new TableNetwork(1), [[4]], { beam: 2, maxLength: () => 1 })
    expect(found.tokens.length).toBeLessThanOrEqual(1)
    expect(await translateTokens(new TableNetwork(1), [], { beam: 2 })).toEqual([])
  })
})

describe('words from attention', () => {
  const hypothesis = {
    tokens: [5, 1, 1],
    score: 0,
    logProbability: 0,
    attention: [Float32Array.of(0.9, 0.1, 0), Float32Array.of(0.2, 0.3, 0.5), Float32Array.of(0.6, 0.3, 0.1)],
  }
  it('are aligned with what they attend to, never with the end of the sentence', () => {
    expect(pharaoh(hypothesis)).toBe('0-0 1-1 0-2')
  })
  it('replace unknown ones by the source word, or by what a dictionary has', () => {
    const words = hypothesisWords(hypothesis, ['Ada', 'Bob'], () => 'known', new Map([['Bob', 'Robert']]))
    expect(words).toEqual(['known', 'Robert', 'Ada'])
    expect(hypothesisWords({ ...hypothesis, attention: [] }, ['Ada'], id => `w${id}`)).toEqual(['w5', 'w1', 'w1'])
  })
})
