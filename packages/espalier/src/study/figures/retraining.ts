/** Pruned, retrained, and trained sparse from scratch. */
import { curves, type Figure } from '../drawing.ts'
import type { ModelResult, StudyResults } from '../results.ts'
import { curveRow } from './curve-row.ts'

export function retrainingFigure({ models }: StudyResults, dense: ModelResult): Figure {
  const rows = models.flatMap(model => {
    if (model.group === 'pruned' && model.name === 'class-blind') return [curveRow('pruned', model)]
    if (model.group === 'retrained') return [curveRow('pruned and retrained', model)]
    return model.group === 'scratch' ? [curveRow('sparse from scratch', model)] : []
  })
  return {
    id: 'retraining',
    title: 'Pruned, pruned and retrained, sparse from scratch',
    description: `BLEU against the fraction of weights pruned class-blind; dashed: the unpruned model, ${dense.bleu.score.toFixed(1)}. Bars are 95 % intervals.`,
    spec: curves(rows, { y: 'BLEU', baseline: dense.bleu.score, series: 'model' }),
  }
}
