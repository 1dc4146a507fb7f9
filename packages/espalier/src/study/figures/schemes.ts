/** BLEU of the schemes. */
import type { Figure } from '../drawing.ts'
import { costFigure } from './cost.ts'
import type { MeasuredModel } from './measured.ts'

export function schemesFigure(models: readonly MeasuredModel[], dense: MeasuredModel): Figure[] {
  const series = models.filter(({ group }) => group === 'pruned').map(model => [model.name, model] as const)
  if (series.length === 0) return []
  return [
    costFigure({
      id: 'schemes',
      title: 'Which weights to prune: the schemes, without retraining',
      description: 'BLEU against the fraction of weights pruned, for each way to choose them.',
      dense,
      series,
    }),
  ]
}
