/** The worker that retrains: the training loop of the command line, on the WebAssembly backend, with results in memory. */
import { wasmBackend } from '@espalier/engine/wasm'
import { PairStore } from 'espalier/corpus'
import { Mask } from 'espalier/pruning'
import { type Checkpoint, MemoryStorage, type StepProgress, type TrainingConfig, train } from 'espalier/training'
import { Gate, gated } from './gate.ts'
import type { TrainingMaterial } from './model-calls.ts'
import { serve, tell } from './serve.ts'
import type { Progress, Snapshot, TrainingCalls, TrainingPlan } from './training-calls.ts'

const gate = new Gate()

/** Updates from one look at the clock, and perhaps a copy of the weights, to the next. */
const CHECKPOINT_UPDATES = 10
/** Seconds between two reports of progress at least. */
const REPORT_SECONDS = 0.2

/** Keeps nothing: it sends copies of the weights to the page. */
class SnapshotStorage extends MemoryStorage {
  #last = performance.now()

  constructor(
    readonly names: readonly string[],
    readonly seconds: number,
  ) {
    super()
  }

  override async saveCheckpoint({ state, arrays }: Checkpoint): Promise<void> {
    const due = performance.now() - this.#last >= 1000 * this.seconds
    if (state.step === 0 || !(due || state.finished)) return
    this.#last = performance.now()
    const parameters = this.names.map(name => {
      const { shape, data, pattern } = arrays.get(name)!
      return [name, { shape, data: (data as Float32Array).slice(), pattern }] as const
    })
    const event: Snapshot = { kind: 'snapshot', step: state.step, parameters }
    tell(
      event,
      parameters.map(([, { data }]) => data.buffer),
    )
  }

  /** The last weights are what is shown; the best are not kept beside them. */
  override async writeModel(): Promise<void> {}
}

/** Adds up updates, so that the page is told a few times a second. */
function reporter(): (progress: StepProgress) => void {
  let [loss, words, seconds, last] = [0, 0, 0, 0]
  return progress => {
    loss += progress.loss * progress.words
    words += progress.words
    seconds += Math.max(0, progress.seconds - gate.takeWaited())
    const { step, totalSteps } = progress
    if (performance.now() - last < 1000 * REPORT_SECONDS && step < totalSteps) return
    last = performance.now()
    tell({ kind: 'progress', step, totalSteps, loss: loss / words, words, seconds } satisfies Progress)
    loss = words = seconds = 0
  }
}

/** What is left is trained at the full rate, without dropout: few weights have no need of it. */
function trainingConfig({ epochs, learningRate }: TrainingPlan): TrainingConfig {
  return {
    optimizer: 'adam',
    learningRate,
    batchSize: 32,
    accumulation: 1,
    epochs,
    decayFrom: 0.375 * epochs,
    decayEvery: epochs / 8,
    decay: 0.5,
    dropout: 0,
    maxGradientNorm: 5,
    labelSmoothing: 0,
    patience: 0,
    tolerance: 0,
    checkpointEvery: CHECKPOINT_UPDATES,
    snapshots: [],
    gather: 'none',
    seed: 1,
    backend: 'wasm',
  }
}

async function start({ network, parameters, kept, ...pairs }: TrainingMaterial, plan: TrainingPlan): Promise<void> {
  const names = parameters.map(([name]) => name)
  const store = (side: 'train' | 'valid') => new PairStore(pairs[side].length, pairs[side].numbers)
  await train({
    corpus: { train: store('train'), valid: store('valid'), digest: 'phrasebook' },
    network,
    training: trainingConfig(plan),
    parameters: new Map(parameters),
    mask: kept.length > 0 ? new Mask(new Map(kept)) : undefined,
    storage: new SnapshotStorage(names, plan.snapshotSeconds),
    backend: gated(await wasmBackend(), gate),
    events: { onStep: reporter() },
  })
}

serve<TrainingCalls>(
  {
    start: async ({ material, plan }) => {
      await start(material, plan)
      return { answer: 'completed' }
    },
    pause: () => {
      gate.close()
      return { answer: undefined }
    },
    resume: () => {
      gate.open()
      return { answer: undefined }
    },
  },
  { inTurn: false },
)
