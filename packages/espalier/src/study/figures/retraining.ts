/** Pruned, retrained, and trained sparse from scratch. */
import { curves, type Figure } from '../drawing.ts'
import type { StudyResults, Summary } from '../results.ts'
import { curveRow, readingOf, seedRows } from './curve-row.ts'

export function retrainingFigure(results: StudyResults, dense: Summary): Figure {
  const series = results.summaries.flatMap(summary => {
    const name = seriesOf(summary)
    return name ? [{ name, summary }] : []
  })
  return {
    id: 'retraining',
    title: 'Pruned, pruned and retrained, sparse from scratch',
    description: `BLEU against the fraction of weights pruned class-blind; dashed: the unpruned model, ${dense.bleu.mean.toFixed(1)}. ${readingOf(results)}`,
    spec: curves(
      series.map(({ name, summary }) => curveRow(name, summary)),
      {
        y: 'BLEU',
        baseline: dense.bleu.mean,
        series: 'model',
        seeds: series.flatMap(({ name, summary }) => seedRows(name, summary, results)),
      },
    ),
  }
}

function seriesOf({ group, name }: Summary): string | undefined {
  if (group === 'pruned' && name === 'class-blind') return 'pruned'
  if (group === 'retrained') return 'pruned and retrained'
  return group === 'scratch' ? 'sparse from scratch' : undefined
}
