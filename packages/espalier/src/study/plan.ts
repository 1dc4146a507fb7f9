/** A study as a plan: which models it needs, what is measured of each, and how much of that is left. */
import type { Configuration } from '../configuration/configuration.ts'
import { digestOf } from '../store/model-key.ts'
import type { ModelStore } from '../store/model-store.ts'
import { epochsOf, originOf, type Recipe, type TrainRecipe } from '../store/recipe.ts'
import type { StudyConfiguration } from './configuration.ts'
import { controlExperiments } from './control-experiments.ts'
import { baselineRecipe, type Experiment, experiments } from './experiments.ts'
import type { MeasurementStore } from './measurements.ts'
import { largeExperiments } from './sizes/size-experiments.ts'

export interface StudyPlan {
  readonly study: StudyConfiguration
  /** At least one. */
  readonly seeds: readonly number[]
  /** The unpruned models, one for each seed, which all others come from. */
  readonly bases: readonly TrainRecipe[]
  /**
   * Seed after seed, each experiment after those it builds on. Small dense models join them while a study runs: how long they are
   * trained depends on how long the large ones were.
   */
  readonly experiments: Experiment[]
}

export function planStudy(configuration: Configuration, study: StudyConfiguration): StudyPlan {
  const seeds = study.seeds ?? [configuration.training.seed]
  const bases = seeds.map(seed => baselineRecipe(withSeed(configuration, seed), study))
  const ofSeed = (base: TrainRecipe) => {
    const list = experiments(base, study)
    const models = [...list, ...largeExperiments(base, study, list)]
    const { seed } = base.configuration.training
    return [...models, ...controlExperiments(base, study, models).map(control => ({ ...control, seed }))]
  }
  return { study, seeds, bases, experiments: bases.flatMap(ofSeed) }
}

/** A configuration whose initial weights, order and dropout are those of a seed. */
export function withSeed(configuration: Configuration, seed: number): Configuration {
  return { ...configuration, training: { ...configuration.training, seed } }
}

/** An experiment as it is called while a study runs: with its seed where there are several. */
export function experimentLabel({ seeds }: StudyPlan, { id, seed }: Pick<Experiment, 'id' | 'seed'>): string {
  return seeds.length > 1 ? `${id}, seed ${seed}` : id
}

/** How many experiments there will be, small models counted that have not joined the plan yet. */
export function experimentCount({ study, seeds, experiments }: StudyPlan): number {
  const others = experiments.filter(({ group }) => group !== 'small')
  return others.length + seeds.length * (study.sizes?.kept.length ?? 0)
}

/** The experiment whose model a recipe builds. */
export function experimentOf({ experiments }: StudyPlan, recipe: Recipe): Experiment | undefined {
  const key = digestOf(recipe)
  return experiments.find(each => digestOf(each.recipe) === key)
}

/** The experiment whose model a recipe builds, as it is called, or what the recipe does. */
export function recipeLabel(plan: StudyPlan, recipe: Recipe): string {
  const experiment = experimentOf(plan, recipe)
  if (experiment) return experimentLabel(plan, experiment)
  return experimentLabel(plan, { id: recipe.kind, seed: originOf(recipe).configuration.training.seed })
}

export interface RemainingWork {
  /** Of training, in epochs of the dense model. */
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
      if (!counted.has(key)) left.epochs += epochsOf(recipe) * (experiment.effort ?? 1)
      counted.add(key)
    }
  }
  return left
}

/** Whether an experiment's model is kept on disk: one that is only pruned is pruned again in memory at no cost. */
export const isBuilt = ({ group }: Experiment) => group !== 'pruned'
