import { describe, expect, it } from 'vitest'
import { answerClaims } from '../../src/study/claims/index.ts'
import type { Comparison, ModelResult, StudyResults, Summary } from '../../src/study/results.ts'
import { resultsWith } from './toy-results.ts'

const summary = (id: string, bleu: number, more: Partial<Summary> = {}): Summary => ({
  id,
  group: 'pruned',
  name: 'class-blind',
  fraction: 0.8,
  seeds: [1],
  sparsity: 0.8,
  weights: 100,
  kept: 20,
  bytes: 80,
  bleu: { mean: bleu, low: bleu - 1, high: bleu + 1 },
  chrf: { mean: 50 },
  ter: { mean: 50 },
  perplexity: { mean: 5 },
  validPerplexity: { mean: 5 },
  trainPerplexity: { mean: 4 },
  wordsPerSecond: { mean: 1 },
  tests: [],
  ...more,
})
const dense = summary('dense', 30, { group: 'baseline', fraction: 0, sparsity: 0 })
/** A difference from the unpruned model whose interval reaches as far on both sides. */
const fromDense = (difference: number, pValue: number, reach = 0.5) => ({
  difference,
  low: difference - reach,
  high: difference + reach,
  pValue,
})
const against = (better: string, than: string, difference: number, pValue: number): Comparison => ({
  ...fromDense(difference, pValue),
  better,
  than,
  seeds: [1],
})
const verdicts = (changes: Partial<StudyResults>) => answerClaims(resultsWith(changes)).map(({ verdict }) => verdict)

describe('claims', () => {
  it('without numbers are undecided, all of them', () => {
    expect(verdicts({})).toEqual(Array(7).fill('undecided'))
  })

  it('are undecided where the unpruned model does not translate itself', () => {
    const summaries = [
      summary('dense', 2, { group: 'baseline', fraction: 0, sparsity: 0 }),
      summary('class-blind-40', 2, { fraction: 0.4, fromDense: fromDense(0, 1) }),
    ]
    expect(verdicts({ summaries })[1]).toBe('undecided')
  })

  it('1: class-blind against others, where models still translate', () => {
    const summaries = [dense, summary('class-blind-50', 25), summary('random-50', 20, { name: 'random' })]
    const verdict = (...comparisons: Comparison[]) => verdicts({ summaries, comparisons })[0]
    expect(verdict(against('class-blind-50', 'random-50', 5, 0.01))).toBe('holds')
    expect(verdict(against('class-blind-50', 'random-50', 5, 0.3))).toBe('undecided')
    expect(verdict(against('class-blind-50', 'random-50', -5, 0.01))).toBe('does not hold')
    // One of twenty is below 5 % where nothing differs.
    const many = Array.from({ length: 19 }, () => against('class-blind-50', 'random-50', 5, 0.5))
    expect(verdict(against('class-blind-50', 'random-50', -1, 0.04), ...many)).toBe('undecided')
    const broken = [dense, summary('class-blind-50', 0.2), summary('random-50', 0.1, { name: 'random' })]
    const comparisons = [against('class-blind-50', 'random-50', 0.1, 0.01)]
    expect(verdicts({ summaries: broken, comparisons })[0]).toBe('undecided')
  })

  it('2: what goes without retraining', () => {
    const verdict = (...at40: Parameters<typeof fromDense>) =>
      verdicts({
        summaries: [dense, summary('class-blind-40', 30 + at40[0], { fraction: 0.4, fromDense: fromDense(...at40) })],
      })[1]
    expect(verdict(-0.1, 0.5)).toBe('holds')
    expect(verdict(-2, 0.01)).toBe('does not hold')
    expect(verdict(-0.5, 0.4)).toBe('undecided')
    // So few sentences that a loss of more than 1 may be hidden.
    expect(verdict(-0.1, 0.9, 1.5)).toBe('undecided')
  })

  it('3: no loss at 80 %, and a model that is better than the original and the controls', () => {
    const retrained = (difference: number, pValue: number) => [
      dense,
      summary('retrained-80', 30 + difference, { group: 'retrained', fromDense: fromDense(difference, pValue) }),
    ]
    expect(verdicts({ summaries: retrained(1, 0.01) })[2]).toBe('holds')
    expect(verdicts({ summaries: retrained(0.1, 0.4) })[2]).toBe('undecided')
    expect(verdicts({ summaries: retrained(-3, 0.01) })[2]).toBe('does not hold')
    // What training on alone does, too, is not pruning's merit.
    const control = summary('trained-on', 30.5, {
      group: 'control',
      fraction: 0,
      sparsity: 0,
      fromDense: fromDense(0.5, 0.2),
    })
    const withControl = (difference: number, pValue: number) =>
      verdicts({
        summaries: [...retrained(1, 0.01), control],
        comparisons: [against('retrained-80', 'trained-on', difference, pValue)],
      })[2]
    expect(withControl(0.5, 0.01)).toBe('holds')
    expect(withControl(0.5, 0.2)).toBe('undecided')
    expect(withControl(-0.5, 0.01)).toBe('undecided')
  })

  it('4: from scratch', () => {
    const summaries = [
      dense,
      summary('retrained-80', 30, { group: 'retrained' }),
      summary('scratch-80', 28, { group: 'scratch', name: 'from scratch' }),
    ]
    const verdict = (difference: number, pValue: number) =>
      verdicts({ summaries, comparisons: [against('retrained-80', 'scratch-80', difference, pValue)] })[3]
    expect(verdict(2, 0.01)).toBe('holds')
    expect(verdict(-2, 0.01)).toBe('does not hold')
    expect(verdict(2, 0.2)).toBe('undecided')
  })

  it('3 and 4 are undecided where the unpruned model of one seed had not converged', () => {
    const epoch = (learningRate: number, validPerplexity: number) => ({
      ...{ epoch: 1, step: 1, trainPerplexity: 1, sparsity: 0, losses: [] },
      ...{ learningRate, validPerplexity },
    })
    const trained = (seed: number, last: number): ModelResult => ({
      ...{
        id: 'dense',
        group: 'baseline',
        name: 'dense',
        fraction: 0,
        seed,
        sparsity: 0,
        weights: 1,
        kept: 1,
        bytes: 4,
      },
      ...{
        bleu: { score: 30, low: 29, high: 31 },
        chrf: 50,
        ter: 50,
        perplexity: 5,
        validPerplexity: last,
        trainPerplexity: 4,
      },
      ...{ wordsPerSecond: 1, tests: [], classes: [] },
      epochs: [epoch(1, 10), epoch(1, 5), epoch(1, 5), epoch(0.5, last)],
    })
    const summaries = [
      dense,
      summary('retrained-80', 30, { group: 'retrained', fromDense: fromDense(1, 0.01) }),
      summary('scratch-80', 28, { group: 'scratch' }),
    ]
    const comparisons = [against('retrained-80', 'scratch-80', 2, 0.01)]
    const answers = (last: number) =>
      answerClaims(resultsWith({ seeds: [1, 2], models: [trained(1, 4.99), trained(2, last)], summaries, comparisons }))
    expect(answers(4.99).map(({ verdict }) => verdict)).toEqual(expect.arrayContaining(['holds', 'holds']))
    for (const number of [3, 4]) {
      const { verdict, evidence } = answers(3)[number - 1]
      expect(verdict).toBe('undecided')
      expect(evidence).toMatch(/^The unpruned model of seed 2 had not converged: the last epoch still lowered/u)
    }
  })

  it('say the effect with its interval, and what was left out', () => {
    const summaries = [dense, summary('class-blind-40', 29.9, { fraction: 0.4, fromDense: fromDense(-0.1, 0.5) })]
    const failure = {
      id: 'dense',
      group: 'baseline' as const,
      name: 'dense',
      fraction: 0,
      seed: 2,
      reason: 'did not train: it diverged',
    }
    const evidence = answerClaims(resultsWith({ summaries, failures: [failure] }))[1].evidence
    expect(evidence).toContain('at 40 % −0.10 BLEU [−0.60, +0.40], p = 0.500')
    expect(evidence).toMatch(/ Left out: dense of seed 2, which did not train\.$/u)
  })

  it('7: large and sparse against small and dense', () => {
    const pair = (share: number) => ({
      ...{ share, sparse: `large-sparse-${share}`, small: `small-dense-${share}`, hidden: 10 },
      ...{ weights: { sparse: 1e6, small: 1e6 }, secondsPerEpoch: { dense: 2, sparse: 1, small: 1 }, budgets: [] },
    })
    const claim = (...effects: [difference: number, pValue: number][]) => {
      const sizes = effects.map((_, i) => pair(i))
      const comparisons = effects.map(([difference, pValue], i) =>
        against(sizes[i].sparse, sizes[i].small, difference, pValue),
      )
      const packed = (bytes: number) => ({ values: 'int8', memory: 1, bleu: { mean: 30 }, wordsPerSecond: 900, bytes })
      const summaries = [
        dense,
        summary('large-sparse-0', 30, { packed: packed(1.5e6) }),
        summary('small-dense-0', 30, { packed: packed(1.25e6) }),
      ]
      return answerClaims(resultsWith({ summaries, sizes, comparisons }))[6]
    }
    expect(claim([2, 0.01], [1, 0.03]).verdict).toBe('holds')
    // At one size the difference may be chance.
    expect(claim([2, 0.01], [1, 0.2]).verdict).toBe('undecided')
    // Of two, one at 3 % is not enough (Holm).
    expect(claim([2, 0.03], [1, 0.04]).verdict).toBe('undecided')
    expect(claim([2, 0.01], [-1, 0.01]).verdict).toBe('does not hold')
    expect(claim([2, 0.01]).evidence).toContain('packed 1.50 MB and 900 words/s against 1.25 MB and 900 words/s')
  })
})
