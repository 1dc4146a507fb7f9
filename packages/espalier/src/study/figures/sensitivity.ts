/** One class pruned alone. */
import { type Figure, SMALL } from '../drawing.ts'
import type { ModelResult, StudyResults } from '../results.ts'
import { curveRows, highlighted } from './curves.ts'
import { className } from './names.ts'

export function sensitivityFigure({ sensitivity }: StudyResults, dense: ModelResult): Figure[] {
  const points = sensitivity.map(({ name, fraction, perplexity }) => ({
    series: className(name),
    fraction,
    value: perplexity,
  }))
  const names = [...new Set(points.map(({ series }) => series))]
  if (new Set(points.map(({ fraction }) => fraction)).size < 2) return []
  return [
    {
      id: 'sensitivity',
      title: 'Which part is sensitive: one weight class pruned alone',
      description: `Validation perplexity (logarithmic) against the fraction of one weight class pruned by magnitude, a panel for each class, the others behind it in grey; dashed: the unpruned model, ${dense.validPerplexity.toFixed(2)}.`,
      panels: names.map(name =>
        highlighted(points, name, {
          y: 'perplexity',
          names: names.map(() => name),
          baseline: dense.validPerplexity,
          log: true,
          size: SMALL,
        }),
      ),
      rows: curveRows(points, 'perplexity'),
    },
  ]
}
