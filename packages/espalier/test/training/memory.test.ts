import { describe, expect, it } from 'vitest'
import { networkConfig } from '../../src/configuration/network.ts'
import { PairStore } from '../../src/corpus/pair-store.ts'
import { openBackend } from '../../src/network/backend.ts'
import { initialParameters } from '../../src/network/parameters.ts'
import { train } from '../../src/training/loop.ts'
import { MemoryStorage } from '../../src/training/memory-storage.ts'
import type { TrainOptions } from '../../src/training/options.ts'
import type { LocalGradients } from '../../src/training/training-step.ts'
import { toyConfiguration } from '../support.ts'

/** Pairs whose target repeats the source, of seven words. */
function toyStore(count: number): PairStore {
  return PairStore.of(
    Array.from({ length: count }, (_, i) => {
      const words = Array.from({ length: 1 + (i % 4) }, (_, j) => 4 + ((3 * i + 5 * j) % 7))
      return { source: words, target: words }
    }),
  )
}
const corpus = { train: toyStore(60), valid: toyStore(12), digest: 'toy' }

/** A training in memory; its weights begin the same each time. */
async function toyRun(training = {}, changes: Partial<TrainOptions> = {}) {
  const configuration = toyConfiguration({ training })
  const network = networkConfig(configuration.model, { source: 11, target: 11 })
  const storage = new MemoryStorage()
  const parameters = initialParameters(network, configuration.training.seed)
  const backend = await openBackend(1)
  const options: TrainOptions = { corpus, network, training: configuration.training, parameters, storage, backend }
  return { storage, backend, options: { ...options, ...changes } }
}

describe('training in memory', () => {
  it('gives a model, metrics, snapshots, and goes on bit for bit after an interruption', async () => {
    const whole = await toyRun({ snapshots: [0, 1] })
    expect(await train(whole.options)).toBe('completed')
    expect(whole.storage.metrics.map(({ epoch }) => epoch)).toEqual([1, 2])
    expect([...whole.storage.snapshots.keys()]).toEqual([0, 1])
    const interrupt = new AbortController()
    const stopped = await toyRun({ snapshots: [0, 1] }, { signal: interrupt.signal })
    const events = { onStep: ({ step }: { step: number }) => step === 3 && interrupt.abort() }
    expect(await train({ ...stopped.options, events })).toBe('interrupted')
    const again = await toyRun({ snapshots: [0, 1] })
    expect(await train({ ...again.options, storage: stopped.storage, resume: true })).toBe('completed')
    expect(stopped.storage.model).toEqual(whole.storage.model)
    expect(stopped.storage.metrics).toEqual(whole.storage.metrics)
  })

  it('refuses to resume where there is nothing, or with other data', async () => {
    const { options } = await toyRun()
    await expect(train({ ...options, resume: true })).rejects.toThrow('no checkpoint')
    await train(options)
    const other = { ...corpus, digest: 'other' }
    await expect(train({ ...options, corpus: other, resume: true })).rejects.toThrow('other data')
  })
})

describe('an exchange between gradients and update', () => {
  it.each([1, 2])('that changes nothing changes no number (accumulation %i)', async accumulation => {
    const fused = await toyRun({ accumulation })
    await train(fused.options)
    const seen: LocalGradients[] = []
    const apart = await toyRun({ accumulation })
    const exchange = async (local: LocalGradients) => {
      seen.push(local)
      return local
    }
    await train({ ...apart.options, exchange })
    expect(seen.reduce((n, { sentences }) => n + sentences, 0)).toBe(2 * corpus.train.length)
    expect([...seen[0].gradients.keys()]).toEqual([...apart.options.parameters.keys()])
    // Bit for bit.
    expect(apart.storage.model).toEqual(fused.storage.model)
    expect(apart.storage.metrics).toEqual(fused.storage.metrics)
  })

  it('of two equal processes: twice the sums over twice the sentences are the same mean', async () => {
    const one = await toyRun()
    const exchange = async (local: LocalGradients) => local
    await train({ ...one.options, exchange })
    const two = await toyRun()
    const doubled = async ({ gradients, loss, sentences, words }: LocalGradients) => {
      for (const { data } of gradients.values()) for (let i = 0; i < data.length; i++) data[i] = 2 * Number(data[i])
      return { loss: 2 * loss, sentences: 2 * sentences, words: 2 * words }
    }
    await train({ ...two.options, exchange: doubled })
    expect(two.storage.model).toEqual(one.storage.model)
    expect(two.storage.metrics).toEqual(one.storage.metrics)
  })
})

describe('programs', () => {
  it('are released however training ends', async () => {
    const run = await toyRun()
    const { backend } = run
    let [compiled, released] = [0, 0]
    const counting: typeof backend = {
      ...backend,
      name: 'counting',
      place: value => backend.place(value),
      compile: async source => {
        const program = await backend.compile(source)
        compiled++
        const release = program.release.bind(program)
        return Object.assign(program, {
          release: () => {
            released++
            return release()
          },
        })
      },
    }
    const events = {
      onStep: () => {
        throw new Error('a listener that fails')
      },
    }
    await expect(train({ ...run.options, backend: counting, events })).rejects.toThrow('a listener that fails')
    expect(compiled).toBe(2)
    expect(released).toBe(compiled)
  })
})
