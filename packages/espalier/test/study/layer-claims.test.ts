import { describe, expect, it } from 'vitest'
import { deeperLayersClaim } from '../../src/study/claims/deeper-layers.ts'
import { explanations, retrainedLosses, stackLosses } from '../../src/study/claims/layer-trends.ts'
import { rareWordsClaim } from '../../src/study/claims/rare-words.ts'
import type { LayerLosses, LayerPoint } from '../../src/study/layer-results.ts'
import type { ModelResult } from '../../src/study/results.ts'
import type { RareWords, WordMatrix } from '../../src/study/word-results.ts'
import { resultsWith } from './toy-results.ts'

type Stack = LayerPoint['stack']
const point = (stack: Stack, depth: number, rise: number, more: Partial<LayerPoint> = {}): LayerPoint => ({
  layer: `${stack === 'encoder' ? 'source' : 'target'}-layer-${depth}`,
  ...{ stack, depth, by: 'fraction', level: 0.9, pruned: 0.9, largestPruned: depth, norm: depth },
  perplexity: 4 * Math.exp(rise),
  ...more,
})
/** A seed's model whose layers lose what is given, from the lowest up. */
const losses = (seed: number, encoder: number[], decoder: number[], more: Partial<LayerPoint> = {}): LayerLosses => ({
  seed,
  perplexity: 4,
  points: [
    ...encoder.map((rise, i) => point('encoder', i + 1, rise, more)),
    ...decoder.map((rise, i) => point('decoder', i + 1, rise, more)),
  ],
})
const up = [0.1, 0.2, 0.3, 0.4]
const down = up.toReversed()

describe('claim 5, deeper layers', () => {
  const answer = (...layers: LayerLosses[]) => deeperLayersClaim.answer(resultsWith({ layers }))

  it('holds where losses rise with depth in both stacks, and says by how much', () => {
    const { verdict, evidence } = answer(losses(1, up, up), losses(2, up, [0.1, 0.3, 0.2, 0.4]))
    expect(verdict).toBe('holds')
    expect(evidence).toContain('in the encoder +0.100, +0.200, +0.300, +0.400; in the decoder +0.100, +0.250, +0.250')
    // Slopes 0.1 and (0.1 + 0.08) / 2; half the interval is 12.706 × 0.01 / 2.
    expect(evidence).toMatch(/^From .* changes by \+0\.095 nats a word \[\+0\.031, \+0\.159\] \(mean of 2 seeds/u)
    expect(evidence).toContain('rank correlation with depth 0.95')
  })

  it('does not where they fall, or fall in one stack', () => {
    expect(answer(losses(1, down, down)).verdict).toBe('does not hold')
    const seeds = [1, 2, 3].map(seed => losses(seed, up, down))
    expect(answer(...seeds).verdict).toBe('does not hold')
  })

  it('is open where chance may order them so, and without layers', () => {
    expect(answer(losses(1, [0.1, 0.2], [0.1, 0.2])).verdict).toBe('undecided')
    expect(answer(losses(1, [0.3, 0.1, 0.4, 0.2], [0.2, 0.4, 0.1, 0.3])).verdict).toBe('undecided')
    expect(answer(losses(1, [0.3], [0.2])).evidence).toBe('Neither the encoder nor the decoder has a second layer.')
    expect(answer().evidence).toBe('No layer was pruned alone.')
  })

  it('averages the levels and leaves parts and thresholds aside', () => {
    const one = losses(1, up, up)
    const more = [
      ...one.points,
      ...losses(1, down, down, { by: 'threshold' }).points,
      ...losses(1, down, down, { gate: 'input', half: 'input' }).points,
      ...losses(1, [0.3, 0.4, 0.5, 0.6], up, { level: 0.95 }).points,
    ]
    const [encoder] = stackLosses([{ ...one, points: more }], 'fraction')
    expect(encoder.losses.map(x => x.toFixed(3))).toEqual(['0.200', '0.300', '0.400', '0.500'])
    expect(stackLosses([{ ...one, points: more }], 'threshold')[1].losses[0]).toBeCloseTo(0.4)
  })

  it('is asked once more of retrained layers, against the unpruned model trained on', () => {
    // Only what the claim looks at.
    const retrained = (seed: number, name: string, validPerplexity: number) =>
      ({ group: 'layer', seed, name, fraction: name === 'none' ? 0 : 0.9, validPerplexity }) as ModelResult
    const models = [1, 2].flatMap(seed => [
      retrained(seed, 'none', 3),
      ...up.flatMap((rise, i) => [
        retrained(seed, `source-layer-${i + 1}`, 3 * Math.exp(rise)),
        retrained(seed, `target-layer-${i + 1}`, 3 * Math.exp(2 * rise)),
      ]),
    ])
    const layers = [losses(1, up, up), losses(2, up, up)]
    const failure = { ...{ id: 'source-layer-1-95', name: 'source-layer-1', fraction: 0.95 }, seed: 2 }
    const failures = [{ ...failure, group: 'layer' as const, reason: 'did not train: at step 3' }]
    const { evidence } = deeperLayersClaim.answer(resultsWith({ layers, models, failures }))
    expect(evidence).toContain('After a short retraining it changes by +0.150 (p < 0.001).')
    expect(evidence).toContain('Left out: source-layer-1-95 of seed 2, which did not train.')
    expect(retrainedLosses(layers, models)[3].losses[3]).toBeCloseTo(0.8)
    expect(retrainedLosses(layers, models.slice(1))).toHaveLength(2)
  })

  it('tells depth from magnitude', () => {
    const threshold = (rises: number[]) => losses(1, rises, rises, { by: 'threshold' }).points
    const withThreshold = (rises: number[]) => {
      const one = losses(1, up, up)
      return answer({ ...one, points: [...one.points, ...threshold(rises)] }).evidence
    }
    expect(withThreshold(up)).toContain('(p = 0.003): depth counts beyond magnitude.')
    expect(withThreshold(down)).toContain('what tells the layers apart may be magnitude alone.')
    // Within a layer, the part that loses most is the one that most was taken from.
    const parts = ['input', 'forget', 'cell'].map((gate, i) =>
      point('encoder', 1, 0.1 * i, { gate, half: 'input', norm: i, largestPruned: -i }),
    )
    const one = losses(1, up, down)
    expect(explanations([{ ...one, points: [...one.points, ...parts] }])).toEqual({
      between: { depth: 0, largest: 0, norm: 0 },
      within: { norm: expect.closeTo(1), largest: expect.closeTo(-1) },
    })
  })
})

describe('claim 6, rare words', () => {
  const matrix = (name: string, correlation: number, rareKept = 0.1): WordMatrix => ({
    name,
    words: 1000,
    frequencyAndKept: correlation,
    updatesAndKept: correlation / 2,
    frequencyAndUpdates: 0.99,
    frequencyBeyondUpdates: 0.3,
    updatesBeyondFrequency: -0.1,
    rareKept,
    frequentKept: 0.3,
    bands: [],
  })
  const words = (seed: number, source: number, target: number, softmax: number, rareKept?: number): RareWords => ({
    seed,
    fraction: 0.8,
    matrices: [
      matrix('source-embedding', source, rareKept),
      matrix('target-embedding', target, rareKept),
      matrix('softmax', softmax),
    ],
  })
  const answer = (...rareWords: RareWords[]) => rareWordsClaim.answer(resultsWith({ rareWords }))

  it('holds where frequent words keep more in both embeddings, and rare ones less than all weights do', () => {
    const { verdict, evidence } = answer(words(1, 0.6, 0.7, 0.5))
    expect(verdict).toBe('holds')
    expect(evidence).toMatch(/^A word's .* of 0\.60 \[0\.5\d, 0\.6\d\] in the source-embedding, 0\.70/u)
    expect(evidence).toContain(
      'source-embedding: with 80 % of all weights pruned the rarer half of the words keeps 10 %',
    )
    expect(evidence).toContain('frequency is left with 0.30 and updates with −0.10')
    expect(evidence).toContain('updates alone do not explain it')
    expect(evidence).not.toContain('cannot tell them apart')
    const one = words(1, 0.6, 0.7, 0.5)
    const alike = one.matrices.map(matrix => ({
      ...matrix,
      frequencyBeyondUpdates: 0.05,
      updatesBeyondFrequency: -0.05,
    }))
    expect(answer({ ...one, matrices: alike }).evidence).toContain('by 0.990, so that this cannot tell them apart).')
    expect(answer(words(1, 0.6, 0.7, -0.5)).evidence).toContain('speaks for updates')
  })

  it('does not where one embedding is the other way round, or where rare words keep more than all weights', () => {
    expect(answer(words(1, 0.6, -0.7, 0.5)).verdict).toBe('does not hold')
    expect(answer(words(1, 0.6, 0.7, 0.5, 0.25)).verdict).toBe('does not hold')
  })

  it('is open where seeds disagree, or nothing was counted', () => {
    expect(answer(words(1, 0.6, 0.7, 0.5), words(2, -0.1, 0.7, 0.5)).verdict).toBe('undecided')
    expect(answer(words(1, 0.6, 0.7, 0.5), words(2, 0.62, 0.71, 0.5)).verdict).toBe('holds')
    expect(answer().verdict).toBe('undecided')
  })
})
