/**
 * Scores of translations and of models: BLEU, chrF, TER, perplexity, sensitivity.
 * @module espalier/evaluation
 */

export { type EvaluateOptions, evaluateModel, type ModelScores } from '../evaluation/evaluate-model.ts'
export * from '../evaluation/index.ts'
export { encodePairs, modelPerplexity, type PerplexityMeter, perplexityMeter } from '../evaluation/perplexity.ts'
export {
  LEVELS,
  measureSensitivity,
  type Sensitivity,
  type SensitivityOptions,
  type SensitivityPoint,
  sensitivityBudget,
} from '../evaluation/sensitivity.ts'
