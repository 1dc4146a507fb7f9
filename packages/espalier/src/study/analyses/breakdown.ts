/** The schemes at one fraction of all weights, each class's share of it pruned alone. */
import { classReport, prune, type Scheme } from '../../pruning/index.ts'
import type { StudyResults } from '../results.ts'
import type { AnalysisContext } from './context.ts'

/** The paper's schemes among those of a study: the others do not choose by magnitude. */
export function magnitudeSchemes(schemes: readonly Scheme[]): Scheme[] {
  return schemes.filter(scheme => scheme !== 'random' && scheme !== 'taylor' && scheme !== 'movement')
}

export async function analyseBreakdown({
  dense,
  classes,
  evaluator,
  study,
}: AnalysisContext): Promise<StudyResults['breakdown']> {
  const points: StudyResults['breakdown'] = []
  for (const scheme of magnitudeSchemes(study.schemes)) {
    const mask = prune(classes, { scheme, fraction: study.breakdownAt })
    for (const weightClass of classes) {
      const own = mask.of(weightClass.tensors)
      const { pruned, weights, largestPruned } = classReport(weightClass, own)
      const perplexity = await evaluator.validPerplexity(own.apply(dense.parameters))
      points.push({ scheme, name: weightClass.name, fraction: pruned / weights, perplexity, largestPruned })
    }
  }
  return points
}
