/** A retraining on the page's side: its worker, its curves, and pauses. */
import type { TrainingMaterial } from '../workers/model-calls.ts'
import { startTrainingWorker, type TrainingWorker } from '../workers/start.ts'
import type { Progress, Snapshot, TrainingPlan } from '../workers/training-calls.ts'

/** A high rate, which falls after three eighths of the time: what is left has much to relearn, and minutes are long in a page. */
const PLAN: TrainingPlan = { epochs: 4, learningRate: 0.02, snapshotSeconds: 3 }

export interface Point {
  /** Of training, pauses left out. */
  readonly seconds: number
  readonly value: number
}

/** What was measured of a model since it was pruned. */
export interface Curves {
  readonly loss: Point[]
  readonly bleu: Point[]
}

export interface TrainingFigures {
  readonly seconds: number
  readonly step: number
  readonly totalSteps: number
  /** Target words a second, of late. */
  readonly speed: number
}

export interface RetrainingEvents {
  onProgress(): void
  onSnapshot(snapshot: Snapshot, seconds: number): void
}

export class Retraining {
  readonly curves: Curves
  figures: TrainingFigures | undefined
  paused = false
  readonly #worker: TrainingWorker
  readonly #events: RetrainingEvents
  #seconds: number

  /** @param curves of a retraining that this one goes on with */
  constructor(events: RetrainingEvents, curves: Curves = { loss: [], bleu: [] }) {
    this.#events = events
    this.curves = curves
    this.#seconds = curves.loss.at(-1)?.seconds ?? 0
    this.#worker = startTrainingWorker(event =>
      event.kind === 'progress' ? this.#progress(event) : events.onSnapshot(event, this.#seconds),
    )
  }

  /** Resolves when training is over. @throws WorkerFailure; WorkerEnded where it was stopped */
  async run(material: TrainingMaterial): Promise<void> {
    const { parameters, kept, train, valid } = material
    const buffers = [...parameters.map(([, { data }]) => data), ...kept.map(([, mask]) => mask)]
    const transfer = [...buffers, train.numbers, valid.numbers].map(({ buffer }) => buffer as ArrayBuffer)
    try {
      await this.#worker.call('start', { material, plan: PLAN }, transfer)
    } finally {
      this.#worker.end()
    }
  }

  async setPaused(paused: boolean): Promise<void> {
    this.paused = paused
    await this.#worker.call(paused ? 'pause' : 'resume', undefined)
  }

  stop(): void {
    this.#worker.end()
  }

  #progress({ step, totalSteps, loss, words, seconds }: Progress): void {
    this.#seconds += seconds
    const before = this.figures?.speed ?? words / seconds
    // The mean of late: single updates differ.
    const speed = 0.8 * before + 0.2 * (words / seconds)
    this.figures = { seconds: this.#seconds, step, totalSteps, speed }
    this.curves.loss.push({ seconds: this.#seconds, value: loss })
    this.#events.onProgress()
  }
}
