import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerClaims } from '../../src/study/claims/index.ts'
import { spearman } from '../../src/study/claims/statistics.ts'
import type { ModelResult, StudyResults } from '../../src/study/results.ts'

const model = (id: string, bleu: number, more: Partial<ModelResult> = {}): ModelResult => ({
  id,
  group: 'pruned',
  name: 'class-blind',
  fraction: 0.8,
  sparsity: 0.8,
  weights: 100,
  kept: 20,
  bytes: 80,
  bleu: { score: bleu, low: bleu - 1, high: bleu + 1 },
  chrf: 50,
  ter: 50,
  perplexity: 5,
  validPerplexity: 5,
  wordsPerSecond: 1,
  classes: [],
  epochs: [],
  ...more,
})
const results = (changes: Partial<StudyResults>): Omit<StudyResults, 'claims'> => ({
  format: 1,
  complete: true,
  data: '',
  configuration: {},
  sentences: 10,
  signature: '',
  models: [],
  comparisons: [],
  sensitivity: [],
  breakdown: [],
  ...changes,
})
const dense = model('dense', 30, { group: 'baseline', fraction: 0, sparsity: 0 })
const verdicts = (changes: Partial<StudyResults>) => answerClaims(results(changes)).map(({ verdict }) => verdict)

describe('claims', () => {
  it('without numbers are undecided, all of them', () => {
    expect(verdicts({})).toEqual(Array(6).fill('undecided'))
  })

  it('are undecided where the unpruned model does not translate itself', () => {
    const models = [
      model('dense', 2, { group: 'baseline', fraction: 0, sparsity: 0 }),
      model('class-blind-40', 2, { fraction: 0.4 }),
    ]
    expect(verdicts({ models })[1]).toBe('undecided')
  })

  it('1: class-blind against others, where models still translate', () => {
    const models = [dense, model('class-blind-50', 25), model('random-50', 20, { name: 'random' })]
    const comparison = { better: 'class-blind-50', than: 'random-50', difference: 5, pValue: 0.01 }
    expect(verdicts({ models, comparisons: [comparison] })[0]).toBe('holds')
    expect(verdicts({ models, comparisons: [{ ...comparison, pValue: 0.3 }] })[0]).toBe('undecided')
    expect(verdicts({ models, comparisons: [{ ...comparison, difference: -5 }] })[0]).toBe('does not hold')
    // One of twenty is below 5 % where nothing differs.
    const chance = { better: 'class-blind-50', than: 'random-50', difference: -1, pValue: 0.04 }
    const many = Array.from({ length: 19 }, () => ({ ...comparison, pValue: 0.5 }))
    expect(verdicts({ models, comparisons: [chance, ...many] })[0]).toBe('undecided')
    const broken = [dense, model('class-blind-50', 0.2), model('random-50', 0.1, { name: 'random' })]
    expect(verdicts({ models: broken, comparisons: [comparison] })[0]).toBe('undecided')
  })

  it('2: what goes without retraining', () => {
    const at40 = (bleu: number, pValue: number) => [dense, model('class-blind-40', bleu, { fraction: 0.4, pValue })]
    expect(verdicts({ models: at40(29.9, 0.5) })[1]).toBe('holds')
    expect(verdicts({ models: at40(28, 0.01) })[1]).toBe('does not hold')
    expect(verdicts({ models: at40(29.5, 0.4) })[1]).toBe('undecided')
  })

  it('3: no loss at 80 %, and a model that is better', () => {
    const retrained = (bleu: number, pValue: number) => [
      dense,
      model('retrained-80', bleu, { group: 'retrained', pValue }),
    ]
    expect(verdicts({ models: retrained(31, 0.01) })[2]).toBe('holds')
    expect(verdicts({ models: retrained(30.1, 0.4) })[2]).toBe('undecided')
    expect(verdicts({ models: retrained(27, 0.01) })[2]).toBe('does not hold')
    // Training on alone does as much.
    const control = model('trained-on', 31.5, { group: 'control', fraction: 0, sparsity: 0 })
    expect(verdicts({ models: [...retrained(31, 0.01), control] })[2]).toBe('undecided')
  })

  it('4: from scratch', () => {
    const models = [
      dense,
      model('retrained-80', 30, { group: 'retrained' }),
      model('scratch-80', 28, { group: 'scratch' }),
    ]
    const comparison = { better: 'retrained-80', than: 'scratch-80', difference: 2, pValue: 0.01 }
    expect(verdicts({ models, comparisons: [comparison] })[3]).toBe('holds')
    expect(verdicts({ models, comparisons: [{ ...comparison, difference: -2 }] })[3]).toBe('does not hold')
    expect(verdicts({ models, comparisons: [{ ...comparison, pValue: 0.2 }] })[3]).toBe('undecided')
  })

  it('5: classes and the largest deleted weight', () => {
    const order = [
      'source-embedding',
      'target-embedding',
      'source-layer-1',
      'source-layer-2',
      'target-layer-1',
      'target-layer-2',
      'attention',
      'softmax',
    ]
    const sensitivity = (names: readonly string[]) =>
      names.map((name, i) => ({ name, fraction: 0.9, perplexity: 6 + i, largestPruned: i }))
    const breakdown = (names: readonly string[]) =>
      sensitivity(names).map(point => ({ ...point, scheme: 'class-blind' }))
    expect(verdicts({ models: [dense], sensitivity: sensitivity(order), breakdown: breakdown(order) })[4]).toBe('holds')
    const against = breakdown(order).map(point => ({ ...point, largestPruned: -point.largestPruned }))
    expect(verdicts({ models: [dense], sensitivity: sensitivity([...order].reverse()), breakdown: against })[4]).toBe(
      'does not hold',
    )
  })

  it('6: rare words', () => {
    const embeddings = [0.9, 0.5, 0.1].map((kept, i) => ({
      name: 'source_embedding.weight',
      from: 10 * i + 1,
      to: 10 * i + 10,
      kept,
    }))
    const redundancy = { fraction: 0.8, embeddings, gates: [], pictures: [] }
    expect(verdicts({ redundancy })[5]).toBe('holds')
    const reverse = embeddings.map((band, i) => ({ ...band, kept: embeddings[2 - i].kept }))
    expect(verdicts({ redundancy: { ...redundancy, embeddings: reverse } })[5]).toBe('does not hold')
  })
})

describe("Spearman's correlation", () => {
  it('is 1 for what ascends together, -1 for what does not, 0 for what stands still', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 2 }), xs => {
        expect(
          spearman(
            xs,
            xs.map(x => x ** 3),
          ),
        ).toBeCloseTo(1)
        expect(
          spearman(
            xs,
            xs.map(x => -x),
          ),
        ).toBeCloseTo(-1)
        expect(
          spearman(
            xs,
            xs.map(() => 1),
          ),
        ).toBe(0)
      }),
    )
  })
  it('shares ranks among equals', () => {
    // Worked out by hand: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5))
  })
})
