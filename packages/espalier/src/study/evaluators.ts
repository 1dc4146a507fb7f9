/** The evaluators of a study: one for each network, since small models have programs of their own. */
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import { digestOf } from '../store/model-key.ts'
import { Evaluator, type EvaluatorOptions } from './evaluator.ts'

export class Evaluators {
  readonly #open = new Map<string, Promise<Evaluator>>()

  constructor(readonly options: EvaluatorOptions) {}

  /** The evaluator of all models that have the network of this one. */
  of(model: ModelDirectory): Promise<Evaluator> {
    const key = digestOf(model.config.model)
    const found = this.#open.get(key) ?? Evaluator.open(model, this.options)
    this.#open.set(key, found)
    return found
  }

  async release(): Promise<void> {
    for (const opened of await Promise.allSettled(this.#open.values()))
      if (opened.status === 'fulfilled') await opened.value.release()
  }
}
