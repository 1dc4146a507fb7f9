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
export { type NewOptions, type RetrainOptions, type RunOptions, resume, retrain, trainNew } from '../pipeline/train.ts'
