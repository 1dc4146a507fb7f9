/** BLEU of the schemes. */
import { curves, type Figure } from '../drawing.ts'
import type { ModelResult, StudyResults } from '../results.ts'
import { curveRow } from './curve-row.ts'

export function schemesFigure({ models }: StudyResults, dense: ModelResult): Figure {
  const rows = models.filter(({ group }) => group === 'pruned').map(model => curveRow(model.name, model))
  return {
    id: 'schemes',
    title: 'BLEU of the schemes, without retraining',
    description: `BLEU against the fraction of weights pruned, a line for each scheme; dashed: the unpruned model, ${dense.bleu.score.toFixed(1)}. Bars are 95 % intervals.`,
    spec: curves(rows, { y: 'BLEU', baseline: dense.bleu.score, series: 'scheme' }),
  }
}
