/** A study as a plan: which models it needs, what is measured of each, and how much of that is left. */
import type { Configuration } from '../configuration/configuration.ts'
import { digestOf } from '../store/model-key.ts'
import type { ModelStore } from '../store/model-store.ts'
import { epochsOf, type Recipe, type TrainRecipe } from '../store/recipe.ts'
import type { StudyConfiguration } from './configuration.ts'
import { baselineRecipe, type Experiment, experiments } from './experiments.ts'
import type { MeasurementStore } from './measurements.ts'

export interface StudyPlan {
  readonly study: StudyConfiguration
  /** The unpruned model, which all others come from. */
  readonly base: TrainRecipe
  /** Each after those it builds on. */
  readonly experiments: readonly Experiment[]
}

export function planStudy(configuration: Configuration, study: StudyConfiguration): StudyPlan {
  const base = baselineRecipe(configuration, study)
  return { study, base, experiments: experiments(base, study) }
}

/** The experiment whose model a recipe builds, or what the recipe does. */
export function recipeLabel({ experiments }: StudyPlan, recipe: Recipe): string {
  const key = digestOf(recipe)
  return experiments.find(experiment => digestOf(experiment.recipe) === key)?.id ?? recipe.kind
}

export interface RemainingWork {
  readonly epochs: number
  readonly measurements: number
}

/** What the experiments from one on still need: epochs of training, each model's counted once, and measurements. */
export async function remainingWork(
  { experiments }: StudyPlan,
  from: number,
  models: ModelStore,
  measurements: MeasurementStore,
): Promise<RemainingWork> {
  const left = { epochs: 0, measurements: 0 }
  const counted = new Set<string>()
  for (const experiment of experiments.slice(from)) {
    if (await measurements.has(experiment)) continue
    left.measurements++
    if (!isBuilt(experiment)) continue
    for (const recipe of await models.unbuilt(experiment.recipe)) {
      const key = models.key(recipe)
      if (!counted.has(key)) left.epochs += epochsOf(recipe)
      counted.add(key)
    }
  }
  return left
}

/** Whether an experiment's model is kept on disk: one that is only pruned is pruned again in memory at no cost. */
export const isBuilt = ({ group }: Experiment) => group !== 'pruned'
