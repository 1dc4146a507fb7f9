import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { networkConfig, networkSchema } from '../../src/configuration/network.ts'
import { trainingSchema } from '../../src/configuration/training.ts'
import { openPrepared } from '../../src/corpus/prepared.ts'
import { initialParameters } from '../../src/network/parameters.ts'
import { Interrupted } from '../../src/store/model-store.ts'
import type { Recipe, TrainRecipe } from '../../src/store/recipe.ts'
import { parseStudy } from '../../src/study/configuration.ts'
import type { Experiment } from '../../src/study/experiments.ts'
import { paretoFront } from '../../src/study/pareto.ts'
import { experimentCount, experimentOf, planStudy } from '../../src/study/plan.ts'
import { epochsWithin, stretched, trainingSeconds } from '../../src/study/sizes/budget.ts'
import { largeCandidates, largeExperiments, smallExperiment } from '../../src/study/sizes/size-experiments.ts'
import { prunableWeights, smallNetwork } from '../../src/study/sizes/small-network.ts'
import { secondsPerEpoch } from '../../src/study/sizes/training-speed.ts'
import { Stopwatch } from '../../src/study/time-left.ts'
import type { EpochMetrics } from '../../src/training/metrics.ts'
import { temporaryDirectory, toyConfiguration, toyData } from '../support.ts'

const vocabularies = { source: 300, target: 200 }
const base: TrainRecipe = { kind: 'train', configuration: toyConfiguration({ training: { epochs: 4, decayFrom: 2 } }) }

describe('the small network', () => {
  it('has as nearly as many weights as its width allows', () => {
    const networks = fc.record({
      hidden: fc.integer({ min: 4, max: 40 }).map(half => 2 * half),
      embedding: fc.option(fc.integer({ min: 3, max: 60 }), { nil: undefined }),
      layers: fc.integer({ min: 1, max: 3 }),
      bidirectional: fc.boolean(),
      attention: fc.constantFrom('dot' as const, 'general' as const),
      share: fc.double({ min: 0.02, max: 0.98, noNaN: true }),
    })
    fc.assert(
      fc.property(networks, ({ share, ...options }) => {
        const large = networkSchema.parse(options)
        const kept = Math.round(share * prunableWeights(large, vocabularies))
        const { model, weights } = smallNetwork(large, vocabularies, kept)
        expect(prunableWeights(model, vocabularies)).toBe(weights)
        const step = large.bidirectional ? 2 : 1
        expect(model.hidden % step).toBe(0)
        const distance = Math.abs(weights - kept)
        for (let hidden = step; hidden <= large.hidden; hidden += step) {
          const embedding = large.embedding && Math.max(1, Math.round((large.embedding * hidden) / large.hidden))
          const other = prunableWeights({ ...large, hidden, embedding }, vocabularies)
          expect(distance).toBeLessThanOrEqual(Math.abs(other - kept))
        }
      }),
    )
  })
})

describe('its training', () => {
  it('takes as long as the large model did: epochs before the last mask count as dense ones', () => {
    const seconds = { dense: 10, sparse: 4 }
    const { training } = base.configuration
    const pruned = (of: Recipe): Recipe => ({ kind: 'prune', of, selection: { scheme: 'class-blind', fraction: 0.8 } })
    const retrained: Recipe = { kind: 'retrain', of: pruned(base), training }
    const epochs = (recipe: Recipe) => (recipe.kind === 'train' ? 7 : 3)
    expect(trainingSeconds(base, epochs, seconds)).toBe(70)
    expect(trainingSeconds(pruned(base), epochs, seconds)).toBe(70)
    expect(trainingSeconds(retrained, epochs, seconds)).toBe(70 + 3 * 4)
    const twice: Recipe = { kind: 'retrain', of: pruned(retrained), training }
    expect(trainingSeconds(twice, epochs, seconds)).toBe(70 + 3 * 10 + 3 * 4)
    const gradual = {
      scheme: 'class-blind' as const,
      fraction: 0.8,
      seed: 1,
      block: '1x1',
      begin: 0,
      end: 2,
      every: 100,
    }
    expect(trainingSeconds({ ...retrained, of: base, gradual }, epochs, seconds)).toBe(70 + 2 * 10 + 1 * 4)
    // It stopped before pruning was to end.
    expect(trainingSeconds({ ...retrained, of: base, gradual: { ...gradual, end: 9 } }, epochs, seconds)).toBe(100)
    expect(epochsWithin(82, 9)).toBe(9)
    expect(epochsWithin(1, 9)).toBe(1)
  })

  it('lets the rate fall at the same share of it, or follow validation', () => {
    const training = trainingSchema.parse({ epochs: 4, decayFrom: 2, decayEvery: 0.5 })
    expect(stretched(training, 10)).toMatchObject({ epochs: 10, decayFrom: 5, decayEvery: 1.25 })
    const plateau = trainingSchema.parse({ epochs: 4, decayFrom: 'plateau', decayEvery: 0.5 })
    expect(stretched(plateau, 10)).toEqual({ ...plateau, epochs: 10 })
  })

  it('has speeds that are measured, and longer ones for larger networks', async () => {
    const corpus = await openPrepared(await toyData(await temporaryDirectory()))
    const { source, target } = corpus.vocabularies
    const timed = (hidden: number) => {
      const { model, training } = toyConfiguration({ model: { hidden } })
      const network = networkConfig(model, { source: source.size, target: target.size })
      return { training, open: async () => ({ network, parameters: initialParameters(network, 1) }) }
    }
    const [small, large] = await secondsPerEpoch([timed(8), timed(256)], { corpus, threads: 1, rounds: 1, updates: 3 })
    expect(small).toBeGreaterThan(0)
    const interrupted = secondsPerEpoch([timed(8)], { corpus, threads: 1, signal: AbortSignal.abort() })
    await expect(interrupted).rejects.toThrow(Interrupted)
    expect(large).toBeGreaterThan(small)
  })
})

const SMALL = { schemes: ['class-blind'], levels: [0.5], retrained: [], scratch: [] }

describe('the experiments', () => {
  const study = (sizes: object, more: object = {}) => parseStudy({ retrained: [0.8], ...more, sizes }, 'here')
  const retrained: Experiment = {
    ...{ id: 'retrained-80', seed: 1, group: 'retrained', name: 'class-blind', fraction: 0.8 },
    recipe: { kind: 'retrain', of: base, training: base.configuration.training },
  }

  it('take a model that prunes as much for the large one, and add one where there is none', () => {
    const options = study({ kept: [0.1, 0.2] }, { retraining: { epochs: 3 } })
    const gradual: Experiment = { ...retrained, id: 'gradual-80', group: 'schedule', name: 'gradual' }
    const added = largeExperiments(base, options, [retrained, gradual])
    expect(added.map(({ id, fraction }) => [id, fraction])).toEqual([['large-sparse-10', 0.9]])
    const training = { epochs: 3, decayFrom: 'plateau', learningRate: base.configuration.training.learningRate }
    expect(added[0].recipe).toMatchObject({ kind: 'retrain', of: base, training, gradual: { fraction: 0.9 } })
    const all = [retrained, gradual, ...added]
    expect(largeCandidates(base, options, all, 0.2)).toEqual([retrained, gradual])
    expect(largeCandidates(base, options, all, 0.1)).toEqual(added)
    // One-shot retraining alone is not the best that is known.
    expect(largeExperiments(base, options, [retrained]).map(({ id }) => id)).toEqual([
      'large-sparse-10',
      'large-sparse-20',
    ])
  })

  it('follow the schedule that is named, step by step', () => {
    const schedules = [{ name: 'steps', steps: [0.5, 0.9] }]
    const options = study({ kept: [0.2], schedule: 'steps' }, { schedules })
    const [added, ...others] = largeExperiments(base, options, [retrained])
    expect([added.id, added.name, others]).toEqual(['large-sparse-20', 'steps', []])
    const fractions: number[] = []
    for (let part: Recipe = added.recipe; part.kind !== 'train'; part = part.of)
      if (part.kind === 'prune') fractions.unshift(part.selection.fraction!)
    expect(fractions).toEqual([0.5, 0.8])
    expect(() => study({ schedule: 'step' }, { schedules })).toThrow('study.sizes.schedule is "step"')
  })

  it('train the small model as the large one, with the dropout of its retraining', () => {
    const training = { ...base.configuration.training, dropout: 0.02 }
    const large: Experiment = { ...retrained, recipe: { kind: 'retrain', of: base, training } }
    const network = { ...base.configuration.model, hidden: 3 }
    const options = study({ small: { learningRate: 0.5 } })
    const { id, seed, group, recipe } = smallExperiment(options, { kept: 0.05, large, network, epochs: 8, effort: 1 })
    expect([id, seed, group]).toEqual(['small-dense-5', 1, 'small'])
    const changed = { epochs: 8, decayFrom: 4, decayEvery: 2, dropout: 0.02, learningRate: 0.5 }
    expect(recipe).toEqual({
      kind: 'train',
      configuration: { model: network, training: { ...base.configuration.training, ...changed } },
    })
    expect(() => study({ small: { epochs: 3 } })).toThrow('study.sizes.small has no epochs')
  })
})

describe('what is left of a study', () => {
  it('counts small models before they join it, and their epochs as the parts of dense ones that they are', async () => {
    const configuration = base.configuration
    const plan = planStudy(configuration, parseStudy({ ...SMALL, seeds: [1, 2], sizes: { kept: [0.1, 0.2] } }, 'here'))
    const before = plan.experiments.length
    expect(experimentCount(plan)).toBe(before + 4)
    const large = plan.experiments.find(({ id }) => id === 'large-sparse-10')!
    const small = { kept: 0.1, large, network: configuration.model, epochs: 8, effort: 0.25 }
    plan.experiments.push(smallExperiment(plan.study, small))
    expect(experimentCount(plan)).toBe(before + 4)
    expect(experimentOf(plan, plan.experiments.at(-1)!.recipe)?.effort).toBe(0.25)
    const stopwatch = new Stopwatch()
    const seconds = (effort?: number) => {
      const events = stopwatch.timeTraining(undefined, effort)
      const end = performance.now() + 20
      while (performance.now() < end);
      // All else of an epoch is not looked at.
      events.onEpoch?.({ losses: Array(10).fill(1) } as unknown as EpochMetrics)
      return stopwatch.secondsFor({ epochs: 1, measurements: 0 })
    }
    await stopwatch.timeMeasurement(async () => {})
    // At least 20 ms an epoch; an epoch that takes a quarter of a dense one says that dense ones take 80.
    expect(seconds()).toBeGreaterThanOrEqual(0.02)
    expect(seconds(0.25)).toBeGreaterThanOrEqual(0.08)
  })
})

describe('the Pareto front', () => {
  it('has what nothing else beats in both', () => {
    const points = fc.array(fc.record({ cost: fc.integer({ max: 9, min: 0 }), score: fc.integer({ max: 9, min: 0 }) }))
    fc.assert(
      fc.property(points, list => {
        const front = paretoFront(
          list,
          ({ cost }) => cost,
          ({ score }) => score,
        )
        const beats = (a: (typeof list)[number], b: (typeof list)[number]) =>
          a.cost <= b.cost && a.score >= b.score && (a.cost < b.cost || a.score > b.score)
        for (const point of front) expect(list.some(other => beats(other, point))).toBe(false)
        for (const point of list)
          expect(
            front.some(other => beats(other, point) || (other.cost === point.cost && other.score === point.score)),
          ).toBe(true)
      }),
    )
  })
})
