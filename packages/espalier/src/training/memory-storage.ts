/** A training's results in memory. */
import type { TrainingConfig } from '../configuration/training.ts'
import type { Parameters } from '../network/parameters.ts'
import type { Convergence } from './convergence.ts'
import type { EpochMetrics } from './metrics.ts'
import type { Checkpoint, TrainedModel, TrainingStorage } from './storage.ts'

export class MemoryStorage implements TrainingStorage {
  readonly location = 'memory'
  readonly metrics: EpochMetrics[] = []
  /** Parameters by the epoch after which they were kept. */
  readonly snapshots = new Map<number, Parameters>()
  /** The settings that training was last resumed with, if they were changed. */
  settings?: TrainingConfig
  /** Of a training that has ended. */
  convergence?: Convergence
  #checkpoint?: Checkpoint
  #model?: TrainedModel

  /** The model of the best validation perplexity so far. */
  get model(): TrainedModel | undefined {
    return this.#model
  }

  async saveCheckpoint({ state, arrays, ...rest }: Checkpoint): Promise<void> {
    this.#checkpoint = { ...rest, state: structuredClone(state), arrays: copy(arrays) }
  }

  async loadCheckpoint(): Promise<Checkpoint | undefined> {
    const found = this.#checkpoint
    return found && { ...found, state: structuredClone(found.state), arrays: copy(found.arrays) }
  }

  async truncateMetrics(position: number): Promise<void> {
    this.metrics.length = position
  }

  async appendMetrics(metrics: EpochMetrics): Promise<number> {
    return this.metrics.push(metrics)
  }

  async writeModel({ parameters, mask, scores }: TrainedModel): Promise<void> {
    const tensors = scores && new Map([...scores.tensors].map(([name, data]) => [name, data.slice()]))
    this.#model = {
      parameters: copy(parameters),
      mask,
      scores: scores && tensors && { kind: scores.kind, tensors },
    }
  }

  async writeSnapshot(epoch: number, parameters: Parameters): Promise<void> {
    this.snapshots.set(epoch, copy(parameters))
  }

  async writeSettings(training: TrainingConfig): Promise<void> {
    this.settings = training
    this.convergence = undefined
  }

  async writeConvergence(convergence: Convergence): Promise<void> {
    this.convergence = convergence
  }
}

function copy<T extends { readonly shape: readonly number[]; readonly data: { slice(): unknown } }>(
  arrays: ReadonlyMap<string, T>,
): Map<string, T> {
  return new Map([...arrays].map(([name, value]) => [name, { ...value, data: value.data.slice() }]))
}
