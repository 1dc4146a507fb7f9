/** Schedules of pruning and retraining. */
import { curves, type Figure } from '../drawing.ts'
import type { StudyResults, Summary } from '../results.ts'
import { curveRow, readingOf, seedRows } from './curve-row.ts'

/** All that was retrained, close by: differences of a few BLEU are what matters here, so the axis does not begin at 0. */
export function schedulesFigure(results: StudyResults, dense: Summary): Figure[] {
  if (!results.summaries.some(({ group }) => group === 'schedule')) return []
  const shown = results.summaries
    .filter(({ group, sparsity }) => (group === 'schedule' || group === 'retrained') && sparsity > 0)
    .map(summary => ({ ...summary, fraction: summary.sparsity }))
  const seriesOf = ({ group, name }: Summary) => (group === 'retrained' ? 'one-shot' : name)
  return [
    {
      id: 'schedules',
      title: 'Schedules, close by',
      description: `BLEU of all retrained models against the fraction of weights pruned; the axis does not begin at 0; dashed: the unpruned model, ${dense.bleu.mean.toFixed(1)}. ${readingOf(results)}`,
      spec: curves(
        shown.map(summary => curveRow(seriesOf(summary), summary)),
        {
          y: 'BLEU',
          baseline: dense.bleu.mean,
          zero: false,
          series: 'schedule',
          seeds: shown.flatMap(summary => seedRows(seriesOf(summary), summary, results)),
        },
      ),
    },
  ]
}
