/** Each recurrent layer pruned alone and retrained for a short time, beside the unpruned model trained on for as long. */
import type { TrainRecipe } from '../store/recipe.ts'
import { recurrentLayerNames } from './analyses/recurrent-layers.ts'
import type { StudyConfiguration } from './configuration.ts'
import { level } from './format.ts'
import type { PlannedModel } from './planned-model.ts'
import { scheduleRecipes, scheduleSchema } from './schedule.ts'

/** @returns none where the study does not ask for retrained layers */
export function layerExperiments(base: TrainRecipe, { layers: { retrain } }: StudyConfiguration): PlannedModel[] {
  if (!retrain) return []
  const retraining = retrain.training
  const control = scheduleSchema.parse({ method: 'none', retraining })
  const list: PlannedModel[] = [
    { id: 'layers-trained-on', group: 'layer', name: 'none', fraction: 0, recipe: scheduleRecipes(base, control)[0] },
  ]
  for (const layer of recurrentLayerNames(base.configuration.model))
    for (const fraction of retrain.levels) {
      const schedule = scheduleSchema.parse({ only: [layer], steps: [fraction], retraining })
      const [recipe] = scheduleRecipes(base, schedule)
      list.push({ id: `${layer}-${level(fraction)}`, group: 'layer', name: layer, fraction, recipe })
    }
  return list
}
