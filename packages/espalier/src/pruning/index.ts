/** Choosing weights to remove. Pure functions: nothing is read, written or changed. */
export { type ClassDescription, describeClasses } from './describe.ts'
export { Mask } from './mask.ts'
export {
  type ClassReport,
  classReport,
  type PruneOptions,
  prune,
  SCHEMES,
  type Scheme,
  type Selection,
} from './prune.ts'
export { GATHERED, type GatheredName, type GatheredScores } from './scores.ts'
export { countWeights, selectClasses, standardDeviation, type WeightClass, type WeightTensor } from './weights.ts'
