/** Pruned, retrained, and trained sparse from scratch. */
import type { Figure } from '../drawing.ts'
import { SCRATCH_NAMES } from '../planned-model.ts'
import { costFigure } from './cost.ts'
import type { MeasuredModel } from './measured.ts'

/** The figure that a report opens with: how much can go, before and after retraining. */
export function retrainingFigure(models: readonly MeasuredModel[], dense: MeasuredModel): Figure[] {
  const series = models.flatMap(model => {
    const name = seriesOf(model)
    return name === undefined ? [] : [[name, model] as const]
  })
  if (series.length === 0) return []
  return [
    costFigure({
      id: 'retraining',
      title: 'How much can go: pruned only, retrained, and sparse from scratch',
      description: 'BLEU against the fraction of weights pruned, smallest first over the whole network (class-blind).',
      dense,
      series: [...series].sort((a, b) => ORDER.indexOf(a[0]) - ORDER.indexOf(b[0])),
    }),
  ]
}

const ORDER: readonly string[] = [
  ...['pruned only', 'pruned at once, retrained', 'pruned gradually'],
  ...['sparse from scratch', SCRATCH_NAMES.ticket, SCRATCH_NAMES['random-structure']],
]

function seriesOf({ group, name, sparsity }: MeasuredModel): string | undefined {
  if (group === 'pruned') return name === 'class-blind' ? ORDER[0] : undefined
  if (group === 'retrained') return ORDER[1]
  // Schedules have names of their owners' choice: those that are called gradual are so by custom.
  if (group === 'schedule') return sparsity > 0 && /^gradual(?:-\d+)?$/u.test(name) ? ORDER[2] : undefined
  if (group !== 'scratch') return undefined
  return name === SCRATCH_NAMES.scratch ? ORDER[3] : name
}
