/** What the training loop is given, and what it answers. */
import type { Backend } from '@espalier/engine'
import type { NetworkConfig } from '../configuration/network.ts'
import type { GradualConfig, TrainingConfig } from '../configuration/training.ts'
import type { PairStore } from '../corpus/pair-store.ts'
import type { BackendSource } from '../network/backend.ts'
import type { Parameters } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'
import type { TrainingEvents } from './metrics.ts'
import type { TrainingStorage } from './storage.ts'
import type { GradientExchange } from './training-step.ts'

/** What a network is trained on. */
export interface TrainingCorpus {
  readonly train: PairStore
  readonly valid: PairStore
  /** Tells one training text from another: a training is resumed with the same one. */
  readonly digest: string
}

export interface TrainOptions {
  readonly corpus: TrainingCorpus
  readonly network: NetworkConfig
  readonly training: TrainingConfig
  /** The weights to begin from; the backend may compute in their memory. */
  readonly parameters: Parameters
  /** Weights that stay zero. */
  readonly mask?: Mask
  /** Pruning while training goes on. */
  readonly gradual?: GradualConfig
  readonly storage: TrainingStorage
  /** What programs run on; given a source of backends, training chooses as `training.backend` says. */
  readonly backend: Backend | BackendSource
  /** Whether to go on from the storage's checkpoint. */
  readonly resume?: boolean
  /** Comes between gradients and update, as where several processes train together; default: nothing does. */
  readonly exchange?: GradientExchange
  readonly events?: TrainingEvents
  /** Once aborted, training saves and stops after the update in progress. */
  readonly signal?: AbortSignal
  /** Aborts where another run took the storage over: then nothing more is written. */
  readonly guard?: AbortSignal
}

/** Why training ended. */
export type Outcome = 'completed' | 'stopped-early' | 'interrupted'
