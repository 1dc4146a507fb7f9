import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import { PairStore } from '../../src/corpus/pair-store.ts'
import { Mask } from '../../src/pruning/mask.ts'
import { checkTrainable, describeNonFinite } from '../../src/training/checks.ts'
import { EpochPlan, updatesPerEpoch } from '../../src/training/epoch-plan.ts'
import { gradualIsDue } from '../../src/training/gradual-pruning.ts'
import { OPTIMIZERS } from '../../src/training/optimizers/registry.ts'
import { initialState, parseState, serialiseState } from '../../src/training/state.ts'
import { toyConfiguration } from '../support.ts'

const store = (pairs: number, id = 5) =>
  PairStore.of(Array.from({ length: pairs }, (_, i) => ({ source: [id, 4 + (i % 5)], target: [id] })))
const training = (changes = {}) => toyConfiguration({ training: changes }).training

describe('the plan of an epoch', () => {
  it.each([
    [50, 16, 1, 4],
    [50, 16, 3, 2],
    [48, 16, 1, 3],
    [1700, 16, 2, 54],
  ])('%i pairs in batches of %i, %i to an update: %i updates', (pairs, batchSize, accumulation, updates) => {
    const options = training({ batchSize, accumulation })
    expect(updatesPerEpoch(pairs, options)).toBe(updates)
    const plan = new EpochPlan(store(pairs), options, 0)
    const indices = Array.from({ length: plan.updates }, (_, i) => plan.batches(i).flatMap(batch => [...batch])).flat()
    expect(indices.sort((a, b) => a - b)).toEqual(Array.from({ length: pairs }, (_, i) => i))
    expect(plan.batches(plan.updates)).toEqual([])
  })

  it('ends within the last epoch where training does', () => {
    const options = training({ batchSize: 5, epochs: 2.3 })
    const plan = new EpochPlan(store(50), options, 2)
    expect(plan.updates).toBe(3)
    expect(plan.updatesPerEpoch).toBe(10)
    expect(plan.totalUpdates).toBe(23)
    expect(plan.progress(1)).toBeCloseTo(2.1)
    expect([0, 4, 9].map(update => plan.lossBin(update))).toEqual([0, 4, 9])
  })
})

describe('optimisers', () => {
  it('are registered by the names that the configuration knows', () => {
    for (const optimizer of Object.keys(OPTIMIZERS))
      expect(parseConfiguration({ training: { optimizer } }).training.optimizer).toBe(optimizer)
    expect(() => parseConfiguration({ training: { optimizer: 'other' } })).toThrow('training.optimizer')
  })
  it('sgd keeps nothing and takes the rate as it is', () => {
    expect(OPTIMIZERS.sgd.stateNames('w')).toEqual([])
    expect(OPTIMIZERS.sgd.effectiveRate(0.5, 7)).toBe(0.5)
  })
  it('adam keeps two moments, whose bias correction is in the rate', () => {
    expect(OPTIMIZERS.adam.stateNames('w')).toEqual(['adam.m/w', 'adam.v/w'])
    expect(OPTIMIZERS.adam.effectiveRate(1, 1)).toBeCloseTo(Math.sqrt(0.001) / 0.1, 10)
    expect(OPTIMIZERS.adam.effectiveRate(1, 1e6)).toBeCloseTo(1, 10)
  })
})

describe('the state of a training', () => {
  it('survives a checkpoint', () => {
    const state = { ...initialState(0.25), epoch: 1, update: 3, step: 13, lossBins: [{ loss: 1.5, words: 3 }] }
    expect(parseState(serialiseState(state), 'here')).toEqual(state)
  })
  it('is read from checkpoints of version 0.1.0', () => {
    const old = { epoch: 1, batch: 2, step: 9, tenths: [{ loss: 1, words: 2 }], metricsBytes: 70, finished: false }
    expect(parseState(JSON.stringify(old), 'here')).toMatchObject({
      update: 2,
      lossBins: [{ loss: 1, words: 2 }],
      metricsPosition: 70,
    })
  })
  it.each([undefined, '', '3', '{"epoch":"one"}', '{"finished":0}', '{"lossBins":{}}'])('is refused: %s', text => {
    expect(() => parseState(text, 'last.safetensors')).toThrow('last.safetensors does not say where training was')
  })
})

describe('gradual pruning is due', () => {
  const { gradual } = parseConfiguration({ training: { epochs: 4 }, gradual: { begin: 1, end: 3, every: 10 } })
  it.each([
    [0.5, 10, false],
    [1.5, 10, true],
    [1.5, 11, false],
    [3, 11, true],
  ])('after %d epochs and %i updates: %s', (progress, step, due) => {
    expect(gradualIsDue(gradual!, progress, step)).toBe(due)
  })
})

describe('a training without a result is refused', () => {
  const parameters = (weights: number[]) => new Map([['w', { shape: [2, 2], data: Float32Array.from(weights) }]])
  const sound = parameters([1, 2, 3, 4])
  const corpus = { train: store(20), valid: store(3) }
  it('not where it can have one', () => {
    expect(() => checkTrainable(corpus, training(), sound, undefined)).not.toThrow()
  })
  it('weights that are no numbers, by tensor and place', () => {
    expect(describeNonFinite(parameters([1, 2, Number.NaN, 4]))).toBe('w[1, 0] is NaN')
    expect(() => checkTrainable(corpus, training(), parameters([1, -Infinity, 3, 4]), undefined)).toThrow(
      'w[0, 1] is -Infinity',
    )
  })
  it('unknown words only', () => {
    const unknown = PairStore.of([{ source: [5], target: [1, 1] }])
    expect(() => checkTrainable({ ...corpus, train: unknown }, training(), sound, undefined)).toThrow(
      'every target word of the training text is unknown',
    )
  })
  it('less than one update, all weights pruned, no text', () => {
    expect(() => checkTrainable(corpus, training({ epochs: 0.01 }), sound, undefined)).toThrow('less than one update')
    const all = new Mask(new Map([['w', new Uint8Array(4)]]))
    expect(() => checkTrainable(corpus, training(), sound, all)).toThrow('all weights are pruned')
    expect(() => checkTrainable({ ...corpus, train: store(0) }, training(), sound, undefined)).toThrow(
      'no sentence pair',
    )
  })
})

describe('a configuration by preset', () => {
  it('takes the preset and what is beside it', () => {
    const { model, training: options } = parseConfiguration({ preset: 'tiny', training: { epochs: 2 } })
    expect([model.hidden, options.optimizer, options.epochs]).toEqual([128, 'adam', 2])
    expect(() => parseConfiguration({ preset: 'tinny' })).toThrow('did you mean tiny')
  })
})
