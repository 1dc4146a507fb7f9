/** The optimisers by the name that `training.optimizer` has. */
import type { TrainingConfig } from '../../configuration/training.ts'
import { adam } from './adam.ts'
import type { Optimizer } from './optimizer.ts'
import { sgd } from './sgd.ts'

export type OptimizerName = TrainingConfig['optimizer']

export const OPTIMIZERS: Readonly<Record<OptimizerName, Optimizer>> = { sgd, adam }
