/**
 * Training: its configuration, the loop, its storage, and the compiled step. Loads in a page, too.
 * @module espalier/training
 */

export { type Configuration, type ConfigurationDraft, parseConfiguration } from '../configuration/configuration.ts'
export { PRESETS, type PresetName } from '../configuration/presets.ts'
export type { GradualConfig, TrainingConfig } from '../configuration/training.ts'
export { PairStore } from '../corpus/pair-store.ts'
export {
  type ActiveBackend,
  type BackendChoice,
  chooseBackend,
  sparsePatterns,
  type TrainingSize,
} from '../training/backend-choice.ts'
export { type Convergence, convergence } from '../training/convergence.ts'
export { gradualFraction } from '../training/gradual-pruning.ts'
export { learningRateAt, retrainingOptions, rewoundOptions } from '../training/learning-rate.ts'
export { train } from '../training/loop.ts'
export { MemoryStorage } from '../training/memory-storage.ts'
export type { EpochMetrics, StepProgress, TrainingEvents } from '../training/metrics.ts'
export type { Optimizer, OptimizerUpdate, UpdateInputs } from '../training/optimizers/optimizer.ts'
export { OPTIMIZERS, type OptimizerName } from '../training/optimizers/registry.ts'
export type { Outcome, TrainingCorpus, TrainOptions } from '../training/options.ts'
export { CHANGEABLE, type SettingChanges, settingChanges } from '../training/setting-changes.ts'
export type { TrainingState } from '../training/state.ts'
export type { Checkpoint, TrainedModel, TrainingStorage } from '../training/storage.ts'
export {
  type BatchTotals,
  type GradientExchange,
  type LocalGradients,
  type StepResult,
  TrainingStep,
  type TrainingStepOptions,
} from '../training/training-step.ts'
