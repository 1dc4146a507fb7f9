/** Scores of translations, numerically those of sacreBLEU, and whether their differences are real. */
export { type BleuDetails, type BleuOptions, bleu, bleuDetails } from './bleu.ts'
export { type BootstrapResult, pairedBootstrap, type SampledScore, sampleScores } from './bootstrap.ts'
export { chrf } from './chrf.ts'
export { compareSeeds, type Difference, type Estimate, estimateSeeds } from './hierarchical-bootstrap.ts'
export type { Metric } from './metric.ts'
export {
  corpusStatistics,
  type Score,
  type ScoreInTurnsOptions,
  scoreCorpus,
  scoreCorpusInTurns,
  sentenceBleu,
  standardMetrics,
} from './score.ts'
export { ter } from './ter.ts'
export { defaultScoreTokenizer, type ScoreTokenizer } from './tokenizers.ts'
