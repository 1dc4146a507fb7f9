/** Schedules of pruning and retraining. */
import { curves, type Figure } from '../drawing.ts'
import type { ModelResult, StudyResults } from '../results.ts'
import { curveRow } from './curve-row.ts'

/** All that was retrained, close by: differences of a few BLEU are what matters here, so the axis does not begin at 0. */
export function schedulesFigure({ models }: StudyResults, dense: ModelResult): Figure[] {
  const rows = models
    .filter(({ group, sparsity }) => (group === 'schedule' || group === 'retrained') && sparsity > 0)
    .map(model => ({
      ...curveRow(model.group === 'retrained' ? 'one-shot' : model.name, model),
      fraction: model.sparsity,
    }))
  if (!models.some(({ group }) => group === 'schedule')) return []
  return [
    {
      id: 'schedules',
      title: 'Schedules, close by',
      description: `BLEU of all retrained models against the fraction of weights pruned; the axis does not begin at 0; dashed: the unpruned model, ${dense.bleu.score.toFixed(1)}.`,
      spec: curves(rows, { y: 'BLEU', baseline: dense.bleu.score, zero: false, series: 'schedule' }),
    },
  ]
}
