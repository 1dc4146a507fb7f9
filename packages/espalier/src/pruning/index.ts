/** Choosing weights to prune. Pure functions: nothing is read, written or changed. */
export { type ClassDescription, describeClasses } from './describe.ts'
export { axisIndices, type NumericTensor, refuseNonFinite } from './finite.ts'
export {
  blockOf,
  keptCount,
  maskOfPattern,
  patternOf,
  toKeptValues,
  toWholeArray,
} from './kept-values.ts'
export { Mask } from './mask.ts'
export { type PartClass, rowsOf, type TensorPart, wholeMask } from './parts.ts'
export { type PruneOptions, prune, SCHEMES, type Scheme, type Selection } from './prune.ts'
export { type ClassReport, classReport, classReports, prunedFractions } from './report.ts'
export { IMPORTANCE_KINDS, type ImportanceKind, type ImportanceScores } from './scores.ts'
export { countWeights, selectClasses, standardDeviation, type WeightClass, type WeightTensor } from './weights.ts'
