/**
 * Controls (claim 3): the unpruned model trained on as pruned ones are retrained, so that what more training gives, and what less
 * dropout gives, is not taken for a merit of pruning.
 */
import type { RetrainRecipe, TrainRecipe } from '../store/recipe.ts'
import type { StudyConfiguration } from './configuration.ts'
import { CONTROL_NAMES, type PlannedModel } from './planned-model.ts'
import { retrainedEpochs } from './scratch-experiments.ts'
import { stretched } from './sizes/budget.ts'

/**
 * For as long as the longest retraining, with its learning rate; once with the dropout that the unpruned model was trained with,
 * and, where a retraining has less, once with the least of these.
 * @param models all of a seed
 */
export function controlExperiments(
  base: TrainRecipe,
  study: StudyConfiguration,
  models: readonly PlannedModel[],
): PlannedModel[] {
  const retrainings = models.flatMap(({ group, recipe }) =>
    (group === 'retrained' || group === 'schedule') && recipe.kind === 'retrain' ? [recipe] : [],
  )
  if (!study.controls || retrainings.length === 0) return []
  const longest = retrainings.reduce((a, b) => (retrainedEpochs(b) > retrainedEpochs(a) ? b : a))
  const { model, training } = base.configuration
  const dropoutOf = ({ training: { dropout } }: RetrainRecipe) => dropout ?? model.dropout
  const least = Math.min(...retrainings.map(dropoutOf))
  const settings = { ...stretched(longest.training, retrainedEpochs(longest)), snapshots: [], gather: 'none' as const }
  const control = (name: string, dropout: number | undefined): PlannedModel => ({
    ...{ id: name, group: 'control', name, fraction: 0 },
    recipe: { kind: 'retrain', of: base, training: { ...settings, dropout } },
  })
  const list = [control(CONTROL_NAMES.trainedOn, training.dropout)]
  if (least < (training.dropout ?? model.dropout)) list.push(control(CONTROL_NAMES.lessDropout, least))
  return list
}
