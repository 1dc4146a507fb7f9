/**
 * Scores of translations and of models: BLEU, chrF, TER, perplexity, sensitivity.
 * @module espalier/evaluation
 */

export {
  encodePairs,
  evaluateModel,
  type ModelScores,
  modelPerplexity,
} from '../evaluation/evaluate-model.ts'
export * from '../evaluation/index.ts'
export {
  LEVELS,
  measureSensitivity,
  type PerplexityMeter,
  perplexityMeter,
  type Sensitivity,
  type SensitivityPoint,
  sensitivityBudget,
} from '../evaluation/sensitivity.ts'
