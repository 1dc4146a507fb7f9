/** How often each word of the training text occurs, and in which share of a training's updates its row got a gradient. */
import type { TrainingConfig } from '../../configuration/training.ts'
import type { PairStore } from '../../corpus/pair-store.ts'
import { EpochPlan } from '../../training/epoch-plan.ts'

/** Of the words of one side, by token id. */
export interface WordUse {
  /** Occurrences in the training text. */
  readonly counts: readonly number[]
  /** Share of the updates in whose batches the word occurs. */
  readonly updates: readonly number[]
}

export type UpdateOptions = Pick<TrainingConfig, 'batchSize' | 'accumulation' | 'seed'> & {
  /** Epochs that training took; the last may be a fraction. */
  readonly epochs: number
}

/**
 * Goes through a training's batches once more, in their order, without training. An embedding's row gets a gradient in an update
 * if the word is in one of the update's sentences on that side.
 * @param sizes tokens in the vocabularies
 */
export function wordUse(
  store: PairStore,
  options: UpdateOptions,
  sizes: { readonly source: number; readonly target: number },
): { readonly source: WordUse; readonly target: WordUse } {
  const source = new UseCounter(sizes.source)
  const target = new UseCounter(sizes.target)
  let total = 0
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const plan = new EpochPlan(store, options, epoch)
    for (let update = 0; update < plan.updates; update++) {
      for (const pair of plan.batches(update).flatMap(batch => [...batch])) {
        source.see(store.source(pair), total)
        target.see(store.target(pair), total)
      }
      total++
    }
  }
  for (let pair = 0; pair < store.length; pair++) {
    source.count(store.source(pair))
    target.count(store.target(pair))
  }
  return { source: source.use(total), target: target.use(total) }
}

class UseCounter {
  readonly #counts: Float64Array
  readonly #updates: Float64Array
  /** The update in which a word was seen last. */
  readonly #last: Int32Array

  constructor(size: number) {
    this.#counts = new Float64Array(size)
    this.#updates = new Float64Array(size)
    this.#last = new Int32Array(size).fill(-1)
  }

  count(ids: Int32Array): void {
    for (const id of ids) this.#counts[id]++
  }

  see(ids: Int32Array, update: number): void {
    for (const id of ids) {
      if (this.#last[id] === update) continue
      this.#last[id] = update
      this.#updates[id]++
    }
  }

  use(total: number): WordUse {
    return { counts: [...this.#counts], updates: Array.from(this.#updates, n => (total === 0 ? 0 : n / total)) }
  }
}
