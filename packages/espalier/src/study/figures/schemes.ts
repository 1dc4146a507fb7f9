/** BLEU of the schemes. */
import { curves, type Figure } from '../drawing.ts'
import type { StudyResults, Summary } from '../results.ts'
import { curveRow, readingOf, seedRows } from './curve-row.ts'

export function schemesFigure(results: StudyResults, dense: Summary): Figure {
  const pruned = results.summaries.filter(({ group }) => group === 'pruned')
  return {
    id: 'schemes',
    title: 'BLEU of the schemes, without retraining',
    description: `BLEU against the fraction of weights pruned, a line for each scheme; dashed: the unpruned model, ${dense.bleu.mean.toFixed(1)}. ${readingOf(results)}`,
    spec: curves(
      pruned.map(summary => curveRow(summary.name, summary)),
      {
        y: 'BLEU',
        baseline: dense.bleu.mean,
        series: 'scheme',
        seeds: pruned.flatMap(summary => seedRows(summary.name, summary, results)),
      },
    ),
  }
}
