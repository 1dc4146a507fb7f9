/** What the analyses of an unpruned model work with. */
import type { ModelDirectory } from '../../checkpoint/model-directory.ts'
import type { PairStore } from '../../corpus/pair-store.ts'
import type { WeightClass } from '../../pruning/index.ts'
import type { StudyConfiguration } from '../configuration.ts'
import type { Evaluator } from '../evaluator.ts'
import type { Scorer } from '../scorer.ts'

export interface AnalysisContext {
  readonly seed: number
  /** The unpruned model of the seed, and its weight classes. */
  readonly dense: ModelDirectory
  readonly classes: readonly WeightClass[]
  /** What the model was trained on. */
  readonly train: PairStore
  readonly evaluator: Evaluator
  readonly scorer: Scorer
  readonly study: StudyConfiguration
  readonly signal?: AbortSignal
}
