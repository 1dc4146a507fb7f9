/** Learning rates that follow validation, and whether a training has converged. */
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMetrics } from '../../src/checkpoint/metrics-file.ts'
import { readManifest, readModel } from '../../src/checkpoint/model-directory.ts'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import { resume } from '../../src/pipeline/resume.ts'
import { retrain, trainNew } from '../../src/pipeline/train.ts'
import { sha256File } from '../../src/storage/digest.ts'
import { convergence } from '../../src/training/convergence.ts'
import { learningRateAt } from '../../src/training/learning-rate.ts'
import type { StepProgress } from '../../src/training/metrics.ts'
import { advance, initialState } from '../../src/training/state.ts'
import { temporaryDirectory, toyConfiguration, toyData } from '../support.ts'

const settings = (training: object) => parseConfiguration({ training }, 'test').training

/** The learning rate of each epoch of a training whose validation perplexities are given. */
function ratesOf(training: ReturnType<typeof settings>, perplexities: readonly number[]) {
  const state = initialState()
  const rates: number[] = []
  for (const validPerplexity of perplexities) {
    if (state.finished) break
    const learningRate = learningRateAt(training, state.epoch, state.plateau)
    rates.push(learningRate)
    advance(state, training, { learningRate, validPerplexity })
  }
  return { rates, state }
}

describe('a learning rate that waits for a plateau', () => {
  const training = settings({
    learningRate: 1,
    decayFrom: 'plateau',
    decay: 0.5,
    tolerance: 0.01,
    patience: 2,
    epochs: 50,
  })

  it('falls every epoch from the first that does not improve validation, and training ends where that helps no more', () => {
    const { rates, state } = ratesOf(training, [10, 8, 7.95, 7, 6.5, 6.49, 6.48, 1])
    expect(rates).toEqual([1, 1, 1, 0.5, 0.25, 0.125, 0.0625])
    expect(state).toMatchObject({ finished: true, plateau: 3, epoch: 7, bestPerplexity: 6.48 })
  })

  it('never rises, and does not fall while validation improves', () => {
    const perplexity = fc.double({ min: 1.5, max: 100, noNaN: true })
    fc.assert(
      fc.property(fc.array(perplexity, { minLength: 1, maxLength: 60 }), perplexities => {
        const { rates, state } = ratesOf(training, perplexities)
        expect(rates).toEqual([...rates].sort((a, b) => b - a))
        const { plateau = rates.length } = state
        for (let i = 1; i < plateau - 1; i++)
          expect(perplexities[i]).toBeLessThan(0.99 * Math.min(...perplexities.slice(0, i)))
      }),
    )
  })

  it('does not fall while weights are pruned gradually', () => {
    const state = initialState()
    for (let i = 0; i < 5; i++) advance(state, training, undefined)
    expect(state).toMatchObject({ epoch: 5, history: [], finished: false })
    expect(state.plateau).toBeUndefined()
  })

  it('goes on bit for bit where it is interrupted', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    const configuration = toyConfiguration({
      training: { epochs: 6, decayFrom: 'plateau', tolerance: 0.3, patience: 1, learningRate: 0.002 },
    })
    const [whole, parts] = ['whole', 'parts'].map(name => join(directory, name))
    await trainNew(data, { configuration, out: whole })
    const stop = new AbortController()
    const events = {
      onStep: ({ step, totalSteps }: StepProgress) => {
        if (step > totalSteps / 3) stop.abort()
      },
    }
    expect(await trainNew(data, { configuration, out: parts, signal: stop.signal, events })).toBe('interrupted')
    expect((await readManifest(parts)).convergence).toBeUndefined()
    await resume(data, { out: parts })
    const metrics = await readMetrics(whole)
    expect(metrics.some(({ learningRate }) => learningRate < 0.002)).toBe(true)
    for (const file of ['model.safetensors', 'last.safetensors', 'metrics.jsonl', 'config.json'])
      expect(await sha256File(join(parts, file))).toBe(await sha256File(join(whole, file)))
  })
})

describe('convergence', () => {
  const epochs = (perplexities: readonly number[], rates: readonly number[]) =>
    perplexities.map((validPerplexity, i) => ({ validPerplexity, learningRate: rates[i] }))

  it('is missed where the last epoch still brought much', () => {
    expect(convergence(epochs([10, 8, 7], [1, 1, 1]))).toEqual({
      converged: false,
      reason: 'the last epoch still lowered the validation perplexity by 13 %',
    })
  })

  it('is missed where the learning rate fell while epochs still brought much', () => {
    expect(convergence(epochs([10, 8, 7, 6.9, 6.89], [1, 1, 0.5, 0.25, 0.125]))).toEqual({
      converged: false,
      reason: 'the learning rate began to fall after epoch 2, which had lowered the validation perplexity by 20 %',
    })
  })

  it('is reached where neither is so', () => {
    const rates = [1, 1, 1, 0.5, 0.25]
    expect(convergence(epochs([10, 8, 7.9, 7.2, 7.1], rates)).converged).toBe(true)
    expect(convergence(epochs([10, 8, 7.9, 7.95, 7.99], [1, 1, 1, 1, 1])).converged).toBe(true)
  })

  it('cannot be told of one epoch', () => {
    expect(convergence(epochs([10], [1])).converged).toBe(false)
    expect(convergence([]).converged).toBe(false)
  })

  it('is kept with the model, and is that of its last training', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory)
    const [model, again] = ['model', 'again'].map(name => join(directory, name))
    await trainNew(data, { configuration: toyConfiguration({ training: { epochs: 1 } }), out: model })
    const short = { converged: false, reason: 'it had fewer than two epochs' }
    expect((await readModel(model)).config.convergence).toEqual(short)
    await resume(data, { out: model, changes: { training: { epochs: 3, learningRate: 1e-12 } } })
    expect((await readModel(model)).config.convergence?.reason).toBe(
      'the learning rate began to fall after the first epoch',
    )
    await retrain(model, data, { out: again })
    expect((await readModel(again)).config.convergence).toEqual(short)
  })
})
