/** The experiments of a study, as a list: which models are built and measured, in which order. */
import type { Configuration } from '../configuration/configuration.ts'
import type { Recipe, TrainRecipe } from '../store/recipe.ts'
import type { StudyConfiguration } from './configuration.ts'
import { level } from './format.ts'
import { layerExperiments } from './layer-experiments.ts'
import type { ModelResult } from './results.ts'
import { type Schedule, scheduleRecipes, scheduleSchema } from './schedule.ts'

/** A model to build and to measure. */
export interface Experiment {
  /** The same for all seeds. */
  readonly id: string
  /** Of the dense model that it comes from. */
  readonly seed: number
  readonly group: ModelResult['group']
  /** The scheme of a pruned model, the name of a schedule. */
  readonly name: string
  readonly fraction: number
  readonly recipe: Recipe
}

/** The model that all others of its seed come from; it keeps the epochs that schedules rewind its weights to. */
export function baselineRecipe(configuration: Configuration, study: StudyConfiguration): TrainRecipe {
  const base: TrainRecipe = { kind: 'train', configuration }
  const rewound = study.schedules.flatMap(schedule =>
    scheduleRecipes(base, schedule).flatMap(recipe =>
      recipe.kind === 'retrain' && recipe.rewind ? [recipe.rewind.epoch] : [],
    ),
  )
  const snapshots = [...new Set([...configuration.training.snapshots, ...rewound])].sort((a, b) => a - b)
  return { kind: 'train', configuration: { ...configuration, training: { ...configuration.training, snapshots } } }
}

/** All experiments of one seed, each after those it builds on. @param base the dense model */
export function experiments(base: TrainRecipe, study: StudyConfiguration): Experiment[] {
  const { seed } = base.configuration.training
  return plannedModels(base, study, seed).map(planned => ({ ...planned, seed }))
}

function plannedModels(base: TrainRecipe, study: StudyConfiguration, seed: number): Omit<Experiment, 'seed'>[] {
  const oneShot = scheduleSchema.parse({ retraining: study.retraining })
  const list: Omit<Experiment, 'seed'>[] = [
    { id: 'dense', group: 'baseline', name: 'dense', fraction: 0, recipe: base },
  ]
  for (const scheme of study.schemes)
    for (const fraction of study.levels)
      list.push({
        id: `${scheme}-${level(fraction)}`,
        group: 'pruned',
        name: scheme,
        fraction,
        recipe: { kind: 'prune', of: base, selection: { scheme, fraction, seed } },
      })
  for (const fraction of study.retrained)
    list.push({
      id: `retrained-${level(fraction)}`,
      group: 'retrained',
      name: 'class-blind',
      fraction,
      recipe: lastOf(base, { ...oneShot, steps: [fraction] }),
    })
  for (const fraction of study.scratch)
    list.push({
      id: `scratch-${level(fraction)}`,
      group: 'scratch',
      name: 'from scratch',
      fraction,
      recipe: { ...base, maskOf: { kind: 'prune', of: base, selection: { scheme: 'class-blind', fraction } } },
    })
  list.push(...layerExperiments(base, study))
  for (const { name, ...schedule } of study.schedules) {
    const retraining = { ...study.retraining, ...schedule.retraining }
    scheduleRecipes(base, { ...schedule, retraining }).forEach((recipe, i) => {
      const regrown = recipe.kind === 'retrain' && recipe.regrow === true
      const control = schedule.method === 'none'
      const fraction = regrown || control ? 0 : schedule.steps[i]
      const id = control ? name : `${name}-${regrown ? 'regrown' : level(fraction)}`
      list.push({ id, group: control ? 'control' : 'schedule', name, fraction, recipe })
    })
  }
  return list
}

function lastOf(base: Recipe, schedule: Schedule): Recipe {
  return scheduleRecipes(base, schedule).at(-1)!
}
