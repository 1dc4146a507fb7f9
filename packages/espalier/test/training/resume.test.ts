import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMetrics } from '../../src/checkpoint/metrics-file.ts'
import { readManifest, readModel, writeModel } from '../../src/checkpoint/model-directory.ts'
import { resume } from '../../src/pipeline/resume.ts'
import { retrain, trainNew } from '../../src/pipeline/train.ts'
import { exists } from '../../src/storage/paths.ts'
import { resumedState } from '../../src/training/resume.ts'
import { initialState } from '../../src/training/state.ts'
import { temporaryDirectory, toyConfiguration, toyData } from '../support.ts'

async function toyTraining(training = {}) {
  const directory = await temporaryDirectory()
  const data = await toyData(directory, 60)
  const out = join(directory, 'model')
  const configuration = toyConfiguration({ training: { epochs: 1, ...training } })
  return { data, out, configuration }
}

describe('resuming with other settings', () => {
  it('goes on longer, with another rate, and notes it in config.json and the metrics', async () => {
    const { data, out, configuration } = await toyTraining()
    await trainNew(data, { configuration, out })
    expect(await resume(data, { out, changes: { training: { epochs: 2, learningRate: 0.002 } } })).toBe('completed')
    const metrics = await readMetrics(out)
    expect(metrics.map(({ epoch }) => epoch)).toEqual([1, 2])
    expect(metrics[1].learningRate).toBe(0.002)
    expect(metrics[1].changes).toEqual({ epochs: { from: 1, to: 2 }, learningRate: { from: 0.01, to: 0.002 } })
    expect((await readManifest(out)).training).toMatchObject({ epochs: 2, learningRate: 0.002 })
    // The digest of config.json in the model's file is the new one's.
    await readModel(out)
  })

  it('refuses by name what the checkpoint does not fit, and what would have no effect', async () => {
    const { data, out, configuration } = await toyTraining()
    await trainNew(data, { configuration, out })
    const before = await readFile(join(out, 'config.json'), 'utf8')
    const refused = async (changes: object, words: RegExp) =>
      expect(resume(data, { out, changes })).rejects.toThrow(words)
    await refused({ training: { optimizer: 'sgd' } }, /training.optimizer from "adam" to "sgd"/)
    await refused({ training: { batchSize: 8, seed: 2, epochs: 3 } }, /training.batchSize from 16 to 8, training.seed/)
    await refused({ model: { hidden: 12 } }, /model.hidden from 8 to 12/)
    await refused({ gradual: { fraction: 0.5, end: 1 } }, /gradual.fraction/)
    await refused({ training: { learningRate: 0.1 } }, /training has ended after 1 epochs/)
    await refused({ training: { epoch: 3 } }, /did you mean epochs/)
    await expect(resume(data, { out, force: true })).rejects.toThrow('--force')
    expect(await readFile(join(out, 'config.json'), 'utf8')).toBe(before)
    // What is as it was is no change.
    expect(await resume(data, { out, changes: { model: { hidden: 8 }, training: { seed: 1 } } })).toBe('completed')
  })

  it('with a lower rate goes on from before the divergence', async () => {
    const { data, out, configuration } = await toyTraining({
      optimizer: 'sgd',
      learningRate: 1e38,
      maxGradientNorm: 1e38,
    })
    await expect(trainNew(data, { configuration, out })).rejects.toThrow(/diverged at step \d+.*--resume/)
    const changes = { training: { learningRate: 0.1, maxGradientNorm: 5 } }
    expect(await resume(data, { out, changes })).toBe('completed')
    expect((await readMetrics(out))[0].validPerplexity).toBeLessThan(20)
  })
})

describe('a resumed state', () => {
  const training = (changes = {}) => toyConfiguration({ training: { epochs: 2.5, ...changes } }).training
  it('trains the rest of an epoch that was the last and in part', () => {
    const ended = { ...initialState(), epoch: 3, step: 25, finished: true }
    const state = resumedState(ended, training(), training({ epochs: 4 }), 10)
    expect(state).toMatchObject({ epoch: 2, update: 5, step: 25, finished: false })
  })
  it('is given new patience after early stopping', () => {
    const stopped = { ...initialState(), epoch: 1, epochsSinceBest: 3, finished: true }
    expect(resumedState(stopped, training(), training({ patience: 3 }), 10)).toMatchObject({
      epochsSinceBest: 0,
      finished: false,
    })
    expect(resumedState(stopped, training(), training(), 10)).toBe(stopped)
  })
})

describe('arguments from plain JavaScript', () => {
  it('are refused in a sentence', async () => {
    // Wrong on purpose.
    await expect(trainNew('data', undefined as never)).rejects.toThrow('trainNew: the options are undefined')
    await expect(trainNew(undefined as never, { configuration: {}, out: 'm' })).rejects.toThrow('trainNew: data is')
    await expect(trainNew('data', { configuration: {} } as never)).rejects.toThrow('options.out')
    await expect(resume('data', {} as never)).rejects.toThrow('resume: options.out')
  })
})

describe('a training that can have no result', () => {
  it('is refused before its directory is made', async () => {
    const { data, out } = await toyTraining()
    const configuration = toyConfiguration({ training: { epochs: 0.01 } })
    await expect(trainNew(data, { configuration, out })).rejects.toThrow('less than one update')
    expect(await exists(out)).toBe(false)
  })

  it('of a model with a weight that is no number is refused by tensor and place', async () => {
    const { data, out, configuration } = await toyTraining()
    await trainNew(data, { configuration, out })
    const { parameters } = await readModel(out)
    const broken = new Map(parameters)
    const weights = parameters.get('softmax.weight')!
    broken.set('softmax.weight', { ...weights, data: weights.data.with(9, Number.NaN) })
    await writeModel(out, broken)
    await expect(retrain(out, data, { out: `${out}-again` })).rejects.toThrow(/softmax.weight\[1, 1\] is NaN/)
    expect(await exists(`${out}-again`)).toBe(false)
  })
})
