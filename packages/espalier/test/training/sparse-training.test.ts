/** Training with kept weights alone: the same losses, the same files, resumed, crossed over to, and refused. */
import { wasmBackend } from '@espalier/engine/wasm'
import { UserError } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { describe, expect, it } from 'vitest'
import type { BackendKind } from '../../src/configuration/backend-kinds.ts'
import { networkConfig } from '../../src/configuration/network.ts'
import type { GradualConfig } from '../../src/configuration/training.ts'
import { gradualSchema } from '../../src/configuration/training.ts'
import { PairStore } from '../../src/corpus/pair-store.ts'
import { type BackendSource, Backends, openBackend } from '../../src/network/backend.ts'
import { initialParameters, weightClasses } from '../../src/network/parameters.ts'
import { prune } from '../../src/pruning/prune.ts'
import type { ActiveBackend } from '../../src/training/backend-choice.ts'
import { train } from '../../src/training/loop.ts'
import { MemoryStorage } from '../../src/training/memory-storage.ts'
import type { TrainOptions } from '../../src/training/options.ts'
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

interface Case {
  readonly training?: object
  readonly hidden?: number
  readonly dropout?: number
  /** Fraction pruned at the beginning. */
  readonly fraction?: number
  readonly block?: string
}

/** A training in memory; the same weights and mask each time. */
function toyRun(backend: TrainOptions['backend'], options: Case, changes: Partial<TrainOptions> = {}) {
  const { training = {}, hidden = 16, dropout = 0, fraction = 0, block = '1x1' } = options
  const configuration = toyConfiguration({ model: { hidden, dropout, bidirectional: true }, training })
  const network = networkConfig(configuration.model, { source: 16, target: 16 })
  const initial = initialParameters(network, 1)
  const classes = weightClasses(parameterSpecs(network), initial)
  const mask = fraction === 0 ? undefined : prune(classes, { scheme: 'class-blind', fraction, block })
  const parameters = mask ? mask.apply(initial) : initial
  const storage = new MemoryStorage()
  const chosen: ActiveBackend[] = []
  const events = { onBackend: (active: ActiveBackend) => chosen.push(active), ...changes.events }
  const run: TrainOptions = { corpus, network, training: configuration.training, parameters, mask, storage, backend }
  return { storage, chosen, mask, options: { ...run, ...changes, events } }
}

const losses = ({ metrics }: MemoryStorage) => metrics.flatMap(line => line.losses)
const gradual = (changes: Partial<GradualConfig>) => gradualSchema.parse({ every: 2, end: 1, ...changes })

describe('with kept weights alone', () => {
  it.each([
    // 15 updates each epoch: 210 in all.
    { dropout: 0, block: '1x1', training: { epochs: 14 } },
    { dropout: 0.2, block: '1x8', training: { accumulation: 2, labelSmoothing: 0.1 } },
    { dropout: 0.2, block: '4x1', training: { optimizer: 'sgd', learningRate: 0.5, gather: 'movement' } },
  ])('the losses are those of whole weights with a mask: %j', async ({ training, ...options }) => {
    const settings = { ...options, fraction: 0.8, training: { batchSize: 4, epochs: 4, ...training } }
    const dense = toyRun(await openBackend(1), settings)
    const sparse = toyRun(await wasmBackend(), settings)
    await train(dense.options)
    await train(sparse.options)
    expect(dense.chosen[0].sparse).toBe(0)
    expect(sparse.chosen[0].sparse).toBeGreaterThan(8)
    const [expected, found] = [losses(dense.storage), losses(sparse.storage)]
    expect(found.length).toBe(expected.length)
    expect(expected.length).toBeGreaterThan(30)
    for (const [i, loss] of found.entries()) expect(Math.abs(loss - expected[i])).toBeLessThan(1e-5)
    expect(expected.at(-1)).toBeLessThan(expected[0])
    for (const [name, bits] of sparse.mask!.kept) {
      const { data } = sparse.storage.model!.parameters.get(name)!
      expect(data.every((w, i) => bits[i] === 1 || w === 0)).toBe(true)
    }
    expect(sparse.storage.model?.mask).toEqual(sparse.mask)
  })

  it('it goes on bit for bit after an interruption, on any number of threads', async () => {
    const settings = { fraction: 0.8, dropout: 0.1, training: { snapshots: [0, 1], gather: 'taylor' } }
    const whole = toyRun(await wasmBackend(), settings)
    expect(await train(whole.options)).toBe('completed')
    const interrupt = new AbortController()
    const onStep = ({ step }: { step: number }) => step === 3 && interrupt.abort()
    const stopped = toyRun(await wasmBackend(), settings, { signal: interrupt.signal, events: { onStep } })
    expect(await train(stopped.options)).toBe('interrupted')
    await using threads = await wasmBackend({ threads: 2 })
    const again = toyRun(threads, settings)
    expect(await train({ ...again.options, storage: stopped.storage, resume: true })).toBe('completed')
    expect(stopped.storage.model).toEqual(whole.storage.model)
    expect(stopped.storage.metrics).toEqual(whole.storage.metrics)
    expect(stopped.storage.snapshots).toEqual(whole.storage.snapshots)
  })

  it('a listener sees kept values while training waits', async () => {
    let sizes: number[] = []
    const onStep: NonNullable<TrainOptions['events']>['onStep'] = async ({ step }, weights) => {
      if (step !== 2) return
      sizes = [...(await weights()).values()].map(({ data }) => data.length)
    }
    const run = toyRun(await wasmBackend(), { fraction: 0.9 }, { events: { onStep } })
    await train(run.options)
    const { kept } = run.mask!
    const expected = [...run.options.parameters].map(([name, { data }]) =>
      kept.has(name) ? kept.get(name)!.reduce((n, bit) => n + bit, 0) : data.length,
    )
    expect(sizes).toEqual(expected)
  })
})

/** Two backends, and what was asked for. */
class Recorder implements BackendSource {
  readonly asked: BackendKind[] = []
  readonly #backends = new Backends({ threads: 1 })
  readonly threads = 1

  constructor(readonly missing?: string) {}

  open(kind: BackendKind) {
    this.asked.push(kind)
    if (kind === 'onnx' && this.missing) throw new UserError(this.missing, 'it is missing')
    return this.#backends.open(kind)
  }
}

describe('training chooses', () => {
  it('whole weights in ONNX Runtime, and kept ones in WebAssembly from the first step', async () => {
    const dense = toyRun(new Recorder(), { training: { epochs: 1 } })
    await train(dense.options)
    expect(dense.chosen).toEqual([{ name: 'onnx', reason: 'nothing is pruned', sparse: 0 }])
    expect(dense.storage.metrics[0].backend).toEqual(dense.chosen[0])
    const source = new Recorder()
    const sparse = toyRun(source, { hidden: 64, fraction: 0.95, training: { epochs: 1 } })
    await train(sparse.options)
    expect(source.asked).toEqual(['wasm'])
    expect(sparse.storage.metrics[0].backend).toMatchObject({ name: 'wasm' })
    expect(sparse.chosen[0].reason).toMatch(/^95\.0 % of the weights are pruned, /u)
  })

  it('another backend while it prunes gradually, and does the same where it was interrupted', async () => {
    const settings = { hidden: 64, training: { batchSize: 8, epochs: 2, gather: 'taylor' } }
    const options = { gradual: gradual({ fraction: 0.96 }) }
    const whole = toyRun(new Recorder(), settings, options)
    await train(whole.options)
    expect(whole.chosen.map(({ name }) => name).filter((name, i, names) => name !== names[i - 1])).toEqual([
      'onnx',
      'wasm',
    ])
    expect(whole.storage.metrics.map(({ backend }) => backend?.name)).toEqual(['wasm', 'wasm'])
    for (const at of [3, 11]) {
      const interrupt = new AbortController()
      const onStep = ({ step }: { step: number }) => step === at && interrupt.abort()
      const stopped = toyRun(new Recorder(), settings, { ...options, signal: interrupt.signal, events: { onStep } })
      expect(await train(stopped.options)).toBe('interrupted')
      const again = toyRun(new Recorder(), settings, options)
      await train({ ...again.options, storage: stopped.storage, resume: true })
      expect(stopped.storage.metrics).toEqual(whole.storage.metrics)
      expect(stopped.storage.model).toEqual(whole.storage.model)
    }
  })

  it('what is told to compute, and changes it where a resumed training is told so', async () => {
    const settings = (backend: string) => ({ fraction: 0.5, training: { backend } })
    const interrupt = new AbortController()
    const onStep = ({ step }: { step: number }) => step === 3 && interrupt.abort()
    const stopped = toyRun(new Recorder(), settings('onnx'), { signal: interrupt.signal, events: { onStep } })
    await train(stopped.options)
    expect(stopped.chosen).toEqual([{ name: 'onnx', reason: 'training.backend is onnx', sparse: 0 }])
    let changes: unknown
    const again = toyRun(new Recorder(), settings('wasm'), {
      events: {
        onResume: from => {
          changes = from.changes
        },
      },
    })
    await train({ ...again.options, storage: stopped.storage, resume: true })
    expect(changes).toEqual({ backend: { from: 'onnx', to: 'wasm' } })
    expect(again.chosen[0]).toMatchObject({ name: 'wasm', reason: 'training.backend is wasm' })
    expect(stopped.storage.metrics[0]).toMatchObject({ changes, backend: { name: 'wasm' } })
    expect(stopped.storage.metrics.at(-1)?.trainPerplexity).toBeLessThan(16)
  })

  it('WebAssembly where ONNX Runtime is not installed, unless that is asked for', async () => {
    const free = toyRun(new Recorder('no-onnxruntime'), { training: { epochs: 1 } })
    await train(free.options)
    expect(free.chosen[0]).toEqual({ name: 'wasm', reason: 'onnxruntime-node is not installed', sparse: 0 })
    const bound = toyRun(new Recorder('no-onnxruntime'), { training: { epochs: 1, backend: 'onnx' } })
    await expect(train(bound.options)).rejects.toMatchObject({ code: 'no-onnxruntime' })
    expect(await bound.storage.loadCheckpoint()).toBeUndefined()
  })
})

describe('what cannot go on', () => {
  it('a loss that is no number ends training, with the checkpoint before it', async () => {
    const settings = { fraction: 0.8, training: { optimizer: 'sgd', learningRate: 1e30, maxGradientNorm: 1e30 } }
    const run = toyRun(await wasmBackend(), settings)
    await expect(train(run.options)).rejects.toMatchObject({ code: 'diverged' })
    const found = await run.storage.loadCheckpoint()
    expect(found?.state.step).toBe(0)
    for (const { data } of found!.arrays.values()) expect(Array.from(data, Number).every(Number.isFinite)).toBe(true)
  })

  it('a mask of another network is refused', async () => {
    const run = toyRun(await wasmBackend(), { fraction: 0.8 })
    const other = toyRun(await wasmBackend(), { fraction: 0.8, hidden: 8 })
    await expect(train({ ...run.options, mask: other.mask })).rejects.toMatchObject({ code: 'other-shape' })
  })
})
