import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMetrics } from '../../src/checkpoint/metrics-file.ts'
import { readModel, readSnapshot } from '../../src/checkpoint/model-directory.ts'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import type { GradualConfig } from '../../src/configuration/training.ts'
import { pruneModel } from '../../src/pipeline/prune-model.ts'
import { resume } from '../../src/pipeline/resume.ts'
import { retrain, trainNew } from '../../src/pipeline/train.ts'
import { sha256File } from '../../src/storage/digest.ts'
import { gradualFraction } from '../../src/training/gradual-pruning.ts'
import { learningRateAt, type retrainingOptions, rewoundOptions } from '../../src/training/learning-rate.ts'
import { temporaryDirectory, toyConfiguration, toyData } from '../support.ts'

const gradual: GradualConfig = {
  scheme: 'class-blind',
  fraction: 0.6,
  block: '1x1',
  begin: 0,
  end: 1.5,
  every: 3,
  seed: 1,
}

async function toyModel(training = {}) {
  const directory = await temporaryDirectory()
  const data = await toyData(directory)
  const at = (name: string) => join(directory, name)
  await trainNew(data, { configuration: toyConfiguration({ training }), out: at('dense') })
  return { data, at }
}

describe('gradual pruning', () => {
  it('follows the cubic: fast at first, ever more slowly, from what was gone to what shall be', () => {
    const at = (t: number) => gradualFraction({ ...gradual, begin: 1, end: 3, fraction: 0.8 }, t, 0.2)
    expect(at(0)).toBeCloseTo(0.2)
    expect(at(2)).toBeCloseTo(0.8 - 0.6 / 8)
    expect(at(3)).toBeCloseTo(0.8)
    expect(at(9)).toBeCloseTo(0.8)
  })

  it('ends at exactly the fraction, keeps only models that have it, and goes on bit for bit', async () => {
    const { data, at } = await toyModel()
    const training = (original: Parameters<typeof retrainingOptions>[0]) => ({ ...original, epochs: 3 })
    await retrain(at('dense'), data, { training, out: at('whole'), gradual })
    const model = await readModel(at('whole'))
    expect(model.mask!.pruned()).toBe(Math.round(0.6 * model.mask!.total))
    for (const [name, bits] of model.mask!.kept)
      expect(model.parameters.get(name)!.data.every((w, i) => bits[i] === 1 || Object.is(w, 0))).toBe(true)
    const metrics = await readMetrics(at('whole'))
    expect(metrics.map(({ best }) => best)[0]).toBe(false)
    expect(metrics[0].sparsity).toBeGreaterThan(0.4)
    expect(metrics[0].sparsity).toBeLessThan(0.6)
    expect(metrics.at(-1)!.sparsity).toBeCloseTo(0.6, 3)
    for (const stopAfter of [2, 14, 30]) {
      const out = at(`stopped-${stopAfter}`)
      const interrupt = new AbortController()
      const events = { onStep: ({ step }: { step: number }) => step === stopAfter && interrupt.abort() }
      await retrain(at('dense'), data, { training, out, gradual, events, signal: interrupt.signal })
      await resume(data, { out })
      for (const file of ['model.safetensors', 'mask.safetensors', 'last.safetensors', 'metrics.jsonl'])
        expect(await sha256File(join(out, file))).toBe(await sha256File(at(`whole/${file}`)))
    }
  })

  it('has to end within training', () => {
    const draft = { model: {}, training: { epochs: 2 }, gradual: { end: 3 } }
    expect(() => parseConfiguration(draft, 'here')).toThrow(/here: gradual has to begin before it ends/)
  })
})

describe('scores that training gathers', () => {
  it.each(['taylor', 'movement'] as const)(
    '%s: training is the same, and the scores decide what goes',
    async gather => {
      const { data, at } = await toyModel()
      const training =
        (more = {}) =>
        (o: Parameters<typeof retrainingOptions>[0]) => ({ ...o, epochs: 1, ...more })
      await retrain(at('dense'), data, { training: training({ gather }), out: at('gathered') })
      await retrain(at('dense'), data, { training: training(), out: at('plain') })
      const [gathered, plain] = [await readModel(at('gathered')), await readModel(at('plain'))]
      for (const [name, { data: weights }] of gathered.parameters)
        expect(weights).toEqual(plain.parameters.get(name)!.data)
      await pruneModel(at('gathered'), { scheme: gather, fraction: 0.5, out: at('pruned') })
      const { mask } = await readModel(at('pruned'))
      expect(mask!.pruned()).toBe(Math.round(0.5 * mask!.total))
      let [lowestKept, highestPruned] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
      for (const [name, bits] of mask!.kept) {
        const scores = gathered.scores!.tensors.get(name)!
        bits.forEach((bit, i) => {
          if (bit) lowestKept = Math.min(lowestKept, scores[i])
          else highestPruned = Math.max(highestPruned, scores[i])
        })
      }
      expect(highestPruned).toBeLessThanOrEqual(lowestKept + 1e-12)
      if (gather === 'movement') expect([...gathered.scores!.tensors.values()].some(t => t.some(s => s < 0))).toBe(true)
      await expect(pruneModel(at('plain'), { scheme: gather, fraction: 0.5, out: at('no') })).rejects.toThrow(
        `training.gather=${gather}`,
      )
    },
  )

  it('equal what the weights and gradients of single steps give', async () => {
    const { data, at } = await toyModel({ optimizer: 'sgd', learningRate: 0.5 })
    const one = (o: Parameters<typeof retrainingOptions>[0]) => ({ ...o, epochs: 0.08, gather: 'movement' as const })
    await retrain(at('dense'), data, { training: one, out: at('step') })
    const [before, after] = [await readModel(at('dense')), await readModel(at('step'))]
    expect((await readMetrics(at('step')))[0].step).toBe(1)
    // Plain SGD: the gradient is what the weight moved by, over the rate.
    for (const [name, scores] of after.scores!.tensors) {
      const [w, v] = [before.parameters.get(name)!.data, after.parameters.get(name)!.data]
      expect(scores.every((s, i) => Math.abs(s + (w[i] * (w[i] - v[i])) / 0.5) < 1e-5)).toBe(true)
    }
  })
})

describe('rewinding', () => {
  it('goes through the same learning rates again', () => {
    for (const changes of [{ decayFrom: 3 }, { decayFrom: 3, decayEvery: 0.5 }, { decayFrom: 1.5, decayEvery: 2 }]) {
      const { training } = toyConfiguration({ training: { epochs: 8, learningRate: 1, ...changes } })
      for (const epoch of [0, 2, 4, 7]) {
        const again = rewoundOptions(training, epoch)
        expect(again.epochs).toBe(8 - epoch)
        for (let t = 0; t < again.epochs; t += 0.25)
          expect(learningRateAt(again, t)).toBeCloseTo(learningRateAt(training, epoch + t), 10)
      }
    }
  })

  it('takes the weights of then, under the mask of now', async () => {
    const { data, at } = await toyModel({ snapshots: [0, 1] })
    await pruneModel(at('dense'), { scheme: 'class-blind', fraction: 0.5, out: at('pruned') })
    const rate = (o: Parameters<typeof retrainingOptions>[0]) => ({ ...rewoundOptions(o, 1), learningRate: 1e-12 })
    await retrain(at('pruned'), data, { training: rate, out: at('rewound'), rewind: { model: at('dense'), epoch: 1 } })
    const rewound = await readModel(at('rewound'))
    const snapshot = await readSnapshot(at('dense'), 1, rewound.config.model)
    for (const [name, { data: weights }] of rewound.mask!.apply(snapshot))
      expect(rewound.parameters.get(name)!.data.every((w, i) => Math.abs(w - weights[i]) < 1e-6)).toBe(true)
    await expect(
      retrain(at('pruned'), data, { training: rate, out: at('no'), rewind: { model: at('dense'), epoch: 2 } }),
    ).rejects.toThrow('training.snapshots=[2]')
  })
})

describe('structure', () => {
  it('pruned weights grow back where the mask is given up', async () => {
    const { data, at } = await toyModel()
    await pruneModel(at('dense'), { scheme: 'class-blind', fraction: 0.5, out: at('pruned') })
    await retrain(at('pruned'), data, { out: at('regrown'), regrow: true })
    const [pruned, regrown] = [await readModel(at('pruned')), await readModel(at('regrown'))]
    expect(regrown.mask).toBeUndefined()
    let grown = 0
    for (const [name, bits] of pruned.mask!.kept)
      bits.forEach((bit, i) => {
        if (bit === 0 && regrown.parameters.get(name)!.data[i] !== 0) grown++
      })
    expect(grown).toBeGreaterThan(0)
  })

  it('from scratch: the mask of a pruned model over new weights', async () => {
    const { data, at } = await toyModel()
    await pruneModel(at('dense'), { scheme: 'class-blind', fraction: 0.5, out: at('pruned') })
    await trainNew(data, { configuration: toyConfiguration(), out: at('scratch'), maskOf: at('pruned') })
    const [pruned, scratch] = [await readModel(at('pruned')), await readModel(at('scratch'))]
    expect(scratch.mask!.kept).toEqual(pruned.mask!.kept)
    await expect(
      trainNew(data, {
        configuration: toyConfiguration({ model: { hidden: 12 } }),
        out: at('no'),
        maskOf: at('pruned'),
      }),
    ).rejects.toThrow('another shape')
    await expect(
      trainNew(data, { configuration: toyConfiguration(), out: at('no'), maskOf: at('dense') }),
    ).rejects.toThrow('no mask')
  })
})
