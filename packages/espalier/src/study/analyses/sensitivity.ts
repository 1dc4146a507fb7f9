/** Sensitivity: each class pruned alone, at several levels. */
import { measureSensitivity } from '../../evaluation/sensitivity.ts'
import { prune } from '../../pruning/index.ts'
import { Interrupted } from '../../store/model-store.ts'
import type { StudyResults } from '../results.ts'
import type { AnalysisContext } from './context.ts'

export async function analyseSensitivity({
  dense,
  classes,
  evaluator,
  scorer,
  study,
  signal,
}: AnalysisContext): Promise<StudyResults['sensitivity']> {
  const { levels, bleu: translate } = study.sensitivity
  const { meter, options } = evaluator
  const { points } = await measureSensitivity(dense, options.valid, { levels, meter })
  if (!translate) return [...points]
  const measured: StudyResults['sensitivity'] = []
  for (const point of points) {
    if (signal?.aborted) throw new Interrupted()
    const mask = prune(classes, { scheme: 'class-blind', fraction: point.fraction, only: [point.name] })
    const { translations } = await evaluator.translate(mask.apply(dense.parameters), 1)
    measured.push({ ...point, bleu: scorer.bleu(translations) })
  }
  return measured
}
