/** Schedules of pruning and retraining. */
import type { Figure } from '../drawing.ts'
import { intervalFigure } from './intervals.ts'
import type { MeasuredModel } from './measured.ts'

const TRAINED: ReadonlySet<string> = new Set(['schedule', 'retrained', 'control', 'scratch'])

/** All that was trained after the unpruned model, from the least pruned to the most. */
export function schedulesFigure(models: readonly MeasuredModel[], dense: MeasuredModel): Figure[] {
  const trained = models.filter(({ group }) => TRAINED.has(group))
  if (trained.length < 3) return []
  return [
    intervalFigure({
      id: 'schedules',
      title: 'Every model that was trained, against the unpruned one',
      description:
        'Difference in BLEU from the unpruned model, with its 95 % interval where it was tested, from the least pruned model to the most; the dashed line is the unpruned model.',
      dense,
      models: trained,
    }),
  ]
}
