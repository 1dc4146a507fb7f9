/** Where training puts what it makes: an interface that a directory on disk implements, and memory. */
import type { ArrayValue } from '@espalier/engine'
import type { TrainingConfig } from '../configuration/training.ts'
import type { Parameters } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'
import type { ImportanceScores } from '../pruning/scores.ts'
import type { Convergence } from './convergence.ts'
import type { EpochMetrics } from './metrics.ts'
import type { TrainingState } from './state.ts'

/** Everything that a resumed run needs. */
export interface Checkpoint {
  readonly state: TrainingState
  /** The settings that training had; undefined in checkpoints of version 0.1.0. */
  readonly training?: TrainingConfig
  /** Parameters, the optimiser's state and importance scores, by name; of sparse ones kept values with their pattern. */
  readonly arrays: ReadonlyMap<string, ArrayValue>
  /** Of a training that prunes gradually: what is pruned by now. */
  readonly mask?: Mask
  /** Digest of the training text. */
  readonly data: string
}

/** A model that is worth keeping. */
export interface TrainedModel {
  readonly parameters: Parameters
  readonly mask?: Mask
  readonly scores?: ImportanceScores
}

/** The arrays that methods are given change as soon as they have resolved. */
export interface TrainingStorage {
  /** Named in messages. */
  readonly location: string
  /** Replaces the checkpoint; it is complete or stays as it was. */
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>
  /** The last checkpoint; undefined where there is none. */
  loadCheckpoint(): Promise<Checkpoint | undefined>
  /** Removes metrics that were written after a checkpoint. @param position what appending returned, 0: all */
  truncateMetrics(position: number): Promise<void>
  /** @returns where the metrics end now */
  appendMetrics(metrics: EpochMetrics): Promise<number>
  /** Replaces the best model. */
  writeModel(model: TrainedModel): Promise<void>
  /** Keeps the parameters after an epoch, to be rewound to. */
  writeSnapshot(epoch: number, parameters: Parameters): Promise<void>
  /** Notes the settings of a training that is resumed with others; it has not ended any more. */
  writeSettings(training: TrainingConfig): Promise<void>
  /** Notes, beside the best model, whether a training that has ended had converged. */
  writeConvergence(convergence: Convergence): Promise<void>
}
