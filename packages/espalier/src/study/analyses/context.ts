/** What the analyses of the unpruned model work with. */
import type { ModelDirectory } from '../../checkpoint/model-directory.ts'
import type { WeightClass } from '../../pruning/index.ts'
import type { StudyConfiguration } from '../configuration.ts'
import type { Evaluator } from '../evaluator.ts'

export interface AnalysisContext {
  /** The unpruned model, and its weight classes. */
  readonly dense: ModelDirectory
  readonly classes: readonly WeightClass[]
  readonly evaluator: Evaluator
  readonly study: StudyConfiguration
  readonly signal?: AbortSignal
}
