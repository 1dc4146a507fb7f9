/**
 * Whole jobs on directories: train, retrain, resume, prune.
 * @module espalier/pipeline
 */

export {
  type ClassPatterns,
  classesByPattern,
  type PruneFileOptions,
  parseClasses,
  pruneFile,
} from '../pipeline/prune-file.ts'
export { type PruneModelOptions, pruneModel } from '../pipeline/prune-model.ts'
export { type ResumeOptions, resume } from '../pipeline/resume.ts'
export { type RetrainOptions, retrain, type TrainNewOptions, trainNew } from '../pipeline/train.ts'
export type { RunOptions } from '../pipeline/training-job.ts'
