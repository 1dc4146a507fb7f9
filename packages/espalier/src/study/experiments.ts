/** The experiments of a study, as a list: which models are built and measured, in which order. */
import type { Configuration } from '../configuration/configuration.ts'
import type { TrainRecipe } from '../store/recipe.ts'
import type { StudyConfiguration } from './configuration.ts'
import { level } from './format.ts'
import { layerExperiments } from './layer-experiments.ts'
import type { PlannedModel } from './planned-model.ts'
import { scheduleRecipes, scheduleSchema } from './schedule.ts'
import { scratchExperiments } from './scratch-experiments.ts'

/** A model of a seed. */
export interface Experiment extends PlannedModel {
  /** Of the dense model that it comes from. */
  readonly seed: number
  /** What an epoch of its training takes, in epochs of the dense model; default: as much. */
  readonly effort?: number
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
  return plannedModels(base, study).map(planned => ({ ...planned, seed }))
}

function plannedModels(base: TrainRecipe, study: StudyConfiguration): PlannedModel[] {
  const [retrained, scheduled] = [retrainedModels(base, study), scheduledModels(base, study)]
  return [
    { id: 'dense', group: 'baseline', name: 'dense', fraction: 0, recipe: base },
    ...prunedModels(base, study),
    ...retrained,
    ...scratchExperiments(base, study, [...retrained, ...scheduled]),
    ...layerExperiments(base, study),
    ...scheduled,
  ]
}

function prunedModels(base: TrainRecipe, { schemes, levels }: StudyConfiguration): PlannedModel[] {
  const { seed } = base.configuration.training
  return schemes.flatMap(scheme =>
    levels.map(fraction => ({
      id: `${scheme}-${level(fraction)}`,
      group: 'pruned' as const,
      name: scheme,
      fraction,
      recipe: { kind: 'prune' as const, of: base, selection: { scheme, fraction, seed } },
    })),
  )
}

/** Pruned class-blind and retrained. */
function retrainedModels(base: TrainRecipe, { retrained, retraining }: StudyConfiguration): PlannedModel[] {
  return retrained.map(fraction => ({
    id: `retrained-${level(fraction)}`,
    group: 'retrained' as const,
    name: 'class-blind',
    fraction,
    recipe: scheduleRecipes(base, scheduleSchema.parse({ retraining, steps: [fraction] })).at(-1)!,
  }))
}

function scheduledModels(base: TrainRecipe, study: StudyConfiguration): PlannedModel[] {
  return study.schedules.flatMap(({ name, ...schedule }) => {
    const retraining = { ...study.retraining, ...schedule.retraining }
    return scheduleRecipes(base, { ...schedule, retraining }).map((recipe, i): PlannedModel => {
      const regrown = recipe.kind === 'retrain' && recipe.regrow === true
      const control = schedule.method === 'none'
      const fraction = regrown || control ? 0 : schedule.steps[i]
      const id = control ? name : `${name}-${regrown ? 'regrown' : level(fraction)}`
      return { id, group: control ? 'control' : 'schedule', name, fraction, recipe }
    })
  })
}
