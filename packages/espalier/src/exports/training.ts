/**
 * Training: its configuration, the compiled step, the loop.
 * @module espalier/training
 */

export { type Configuration, type ConfigurationDraft, parseConfiguration } from '../configuration/configuration.ts'
export { PRESETS, type PresetName } from '../configuration/presets.ts'
export type { GradualConfig, TrainingConfig } from '../configuration/training.ts'
export { gradualFraction } from '../training/gradual.ts'
export { learningRateAt, retrainingOptions, rewoundOptions } from '../training/learning-rate.ts'
export {
  compileTraining,
  maskName,
  type StepOptions,
  scoreName,
  stepState,
  type TrainingPrograms,
} from '../training/step.ts'
export type { EpochMetrics, Outcome, Progress, TrainerEvents } from '../training/trainer.ts'
