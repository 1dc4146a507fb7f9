/** The updates of an epoch: which batches each is made of, and when it happens. */
import type { TrainingConfig } from '../configuration/training.ts'
import { epochBatches } from '../corpus/batches.ts'
import type { PairStore } from '../corpus/pair-store.ts'

/** The loss is reported for so many parts of an epoch. */
export const LOSS_BINS = 10

type PlanOptions = Pick<TrainingConfig, 'batchSize' | 'accumulation' | 'epochs' | 'seed'>

/** Updates of a whole epoch of so many sentence pairs. */
export function updatesPerEpoch(pairs: number, { batchSize, accumulation }: PlanOptions): number {
  return Math.ceil(Math.ceil(pairs / batchSize) / accumulation)
}

export class EpochPlan {
  /** Updates of a whole epoch. */
  readonly updatesPerEpoch: number
  /** Updates to make: fewer where training ends within this epoch, whose fraction is then measured as an epoch. */
  readonly updates: number
  readonly #batches: readonly Int32Array[]

  /** @param epoch from 0 */
  constructor(
    store: PairStore,
    readonly options: PlanOptions,
    readonly epoch: number,
  ) {
    this.#batches = epochBatches(store, { ...options, epoch })
    this.updatesPerEpoch = updatesPerEpoch(store.length, options)
    this.updates = Math.min(this.updatesPerEpoch, Math.round((options.epochs - epoch) * this.updatesPerEpoch))
  }

  /** The batches of an update (from 0), as indices of pairs. */
  batches(update: number): readonly Int32Array[] {
    const { accumulation } = this.options
    return this.#batches.slice(update * accumulation, (update + 1) * accumulation)
  }

  /** Epochs that are done before an update. */
  progress(update: number): number {
    return this.epoch + update / this.updatesPerEpoch
  }

  /** The part of the epoch, from 0 to {@link LOSS_BINS} - 1, that an update is in. */
  lossBin(update: number): number {
    return Math.floor((LOSS_BINS * update) / this.updatesPerEpoch)
  }

  /** Updates of the whole training. */
  get totalUpdates(): number {
    return Math.round(this.options.epochs * this.updatesPerEpoch)
  }
}
