import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bleu,
  chrf,
  corpusStatistics,
  type Metric,
  pairedBootstrap,
  scoreCorpus,
  scoreCorpusInTurns,
  sentenceBleu,
  ter,
} from '../../src/evaluation/index.ts'
import { countEdits } from '../../src/evaluation/ter.ts'

const words = (text: string) => text.split(' ')
const metrics: [string, Metric][] = [
  ['bleu', bleu()],
  ['chrf', chrf()],
  ['chrf++', chrf({ wordOrder: 2 })],
  ['ter', ter()],
]
const sentence = fc.array(fc.constantFrom('the', 'old', 'gardener', 'waters', 'roses', 'today', '.'), {
  minLength: 4,
  maxLength: 12,
})
const corpus = fc.array(fc.tuple(sentence, sentence), { minLength: 1, maxLength: 6 }).map(pairs => ({
  hypotheses: pairs.map(([h]) => h.join(' ')),
  references: pairs.map(([, r]) => r.join(' ')),
}))

describe('scores worked out by hand', () => {
  it('BLEU of one word too many and one wrong', () => {
    // 1-grams 4/5, 2-grams 3/4, 3-grams 2/3, 4-grams 1/2; five words against five.
    const { score } = scoreCorpus(bleu(), ['a b c d x'], [['a b c d e']])
    expect(score).toBeCloseTo(100 * (((4 / 5) * 3 * 2 * 1) / (4 * 3 * 2)) ** 0.25, 10)
  })
  it('BLEU pays for brevity', () => {
    const { score } = scoreCorpus(bleu(), ['a b c d'], [['a b c d e']])
    expect(score).toBeCloseTo(100 * Math.exp(1 - 5 / 4), 10)
  })
  it('sentence BLEU leaves out orders that the sentence is too short for', () => {
    expect(sentenceBleu('a b', ['a b'])).toBeCloseTo(100, 10)
    expect(scoreCorpus(bleu(), ['a b'], [['a b']]).score).toBe(0)
  })
  it.each([
    ['a b c', 'a b c', 0],
    ['a b c', 'a x c', 1],
    ['a b c', 'a b c d', 1],
    ['d a b c', 'a b c d', 1],
    ['c d a b', 'a b c d', 1],
    ['a b', '', 2],
  ])('edits from "%s" to "%s": %i', (hypothesis, reference, edits) => {
    expect(countEdits(words(hypothesis), reference === '' ? [] : words(reference))).toBe(edits)
  })
  it('chrF of one letter in three', () => {
    // 1-grams: precision and recall 2/3; 2-grams 1/2; 3-grams 0. Averages 7/18 over the three orders there are.
    expect(scoreCorpus(chrf(), ['abx'], [['aby']]).score).toBeCloseTo((100 * 7) / 18, 10)
  })
  it('puts the signature in front', () => {
    expect(scoreCorpus(bleu({ lowercase: true }), ['a'], [['a'], ['b']]).signature).toMatch(
      /^nrefs:2\|case:lc\|eff:no\|tok:13a\|smooth:exp\|version:/,
    )
  })
})

describe('properties', () => {
  it.each(metrics)('%s: best for the reference itself, bounded, blind to the order of sentences', (_name, metric) => {
    fc.assert(
      fc.property(corpus, ({ hypotheses, references }) => {
        const best = metric.higherIsBetter ? 100 : 0
        expect(scoreCorpus(metric, references, [references]).score).toBeCloseTo(best, 6)
        const { score } = scoreCorpus(metric, hypotheses, [references])
        expect(score).toBeGreaterThanOrEqual(0)
        if (metric.higherIsBetter) expect(score).toBeLessThanOrEqual(100 + 1e-9)
        const turned = scoreCorpus(metric, [...hypotheses].reverse(), [[...references].reverse()])
        expect(turned.score).toBeCloseTo(score, 8)
      }),
      { numRuns: 40 },
    )
  })

  it('TER of two hundred long sentences takes seconds', () => {
    const sentences = fc.sample(
      fc
        .array(
          sentence.map(s => s.join(' ')),
          { minLength: 3, maxLength: 3 },
        )
        .map(s => s.join(' ')),
      { numRuns: 400, seed: 1 },
    )
    const began = performance.now()
    scoreCorpus(ter(), sentences.slice(0, 200), [sentences.slice(200)])
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  it('refuses streams of different length', () => {
    expect(() => scoreCorpus(bleu(), ['a', 'b'], [['a']])).toThrow('2 lines, but 1 references')
    expect(() => scoreCorpus(bleu(), [], [[]])).toThrow('no lines to score')
  })
})

it('a corpus that is scored in turns has the same score, and others have their turn meanwhile', async () => {
  const hypotheses = Array.from({ length: 450 }, (_, i) => `the ${i % 5} old gardener waters ${i} roses`)
  const references = hypotheses.map((line, i) => (i % 3 === 0 ? `${line} today` : line))
  const shown: number[] = []
  let turns = 0
  const timer = setInterval(() => turns++, 0)
  for (const [, metric] of metrics) {
    const inTurns = await scoreCorpusInTurns(metric, hypotheses, [references], { onProgress: done => shown.push(done) })
    expect(inTurns).toEqual(scoreCorpus(metric, hypotheses, [references]))
  }
  clearInterval(timer)
  expect(shown.slice(0, 3)).toEqual([200, 400, 450])
  expect(turns).toBeGreaterThan(3)
  await expect(scoreCorpusInTurns(bleu(), ['a'], [])).rejects.toMatchObject({ code: 'no-references' })
})

describe('paired bootstrap', () => {
  const references = Array.from({ length: 200 }, (_, i) => `the gardener number ${i} waters ${i % 7} roses today .`)
  const damaged = (every: number) => references.map((r, i) => (i % every === 0 ? r.replace('waters', 'prunes the') : r))
  const statistics = (hypotheses: string[]) => corpusStatistics(bleu(), hypotheses, [references])

  it('is the same for the same seed', () => {
    const systems = [statistics(damaged(3)), statistics(damaged(2))]
    expect(pairedBootstrap(bleu(), systems, { seed: 1 })).toEqual(pairedBootstrap(bleu(), systems, { seed: 1 }))
  })
  it('tells a real difference from none', () => {
    const [base, same, worse] = pairedBootstrap(bleu(), [damaged(5), damaged(5), damaged(2)].map(statistics))
    expect(base.pValue).toBeUndefined()
    expect(same.pValue).toBe(1)
    expect(worse.pValue).toBeLessThan(0.01)
    expect(base.low).toBeLessThan(base.score)
    expect(base.high).toBeGreaterThan(base.score)
  })
})
