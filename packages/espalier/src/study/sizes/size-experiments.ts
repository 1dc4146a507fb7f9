/**
 * The experiments of claim 7: a large model that is pruned against a small one that is dense (Zhu & Gupta 2017), with as many
 * weights, trained in as much time.
 */
import type { NetworkOptions } from '../../configuration/network.ts'
import type { TrainingConfig } from '../../configuration/training.ts'
import { digestOf } from '../../store/model-key.ts'
import { originOf, type TrainRecipe } from '../../store/recipe.ts'
import { scheduleChoices } from '../automatic-schedule.ts'
import type { StudyConfiguration } from '../configuration.ts'
import type { Experiment } from '../experiments.ts'
import { level } from '../format.ts'
import { type Schedule, scheduleRecipes, scheduleSchema } from '../schedule.ts'
import { stretched } from './budget.ts'

/** The fraction that is pruned where a share is kept. */
const prunedFraction = (kept: number) => Number((1 - kept).toFixed(6))

/**
 * The large models that claim 7 needs and that are not among a seed's other experiments already: by the schedule that is named,
 * or, where no schedule of the study prunes as much, by the one that `compress --fraction` would choose.
 */
export function largeExperiments(
  base: TrainRecipe,
  study: StudyConfiguration,
  others: readonly Experiment[],
): Experiment[] {
  return (study.sizes?.kept ?? []).flatMap(kept => {
    const found = largeCandidates(base, study, others, kept)
    if (study.sizes?.schedule === undefined ? found.some(({ group }) => group === 'schedule') : found.length > 0)
      return []
    const recipe = largeRecipe(base, study, kept)
    const fraction = prunedFraction(kept)
    const name = study.sizes?.schedule ?? 'large-sparse'
    const { seed } = base.configuration.training
    return [{ id: `large-sparse-${level(kept)}`, seed, group: 'schedule' as const, name, fraction, recipe }]
  })
}

/**
 * The experiments of a seed that may stand for the large and sparse model: those of the schedule that the configuration names,
 * or all that prune as much and retrain, of which the one of the best validation perplexity is taken.
 */
export function largeCandidates(
  base: TrainRecipe,
  study: StudyConfiguration,
  experiments: readonly Experiment[],
  kept: number,
): Experiment[] {
  if (study.sizes?.schedule !== undefined) {
    const wanted = digestOf(largeRecipe(base, study, kept))
    return experiments.filter(({ recipe }) => digestOf(recipe) === wanted).slice(0, 1)
  }
  const fraction = prunedFraction(kept)
  return experiments.filter(
    experiment =>
      (experiment.group === 'retrained' || experiment.group === 'schedule') && experiment.fraction === fraction,
  )
}

function largeRecipe(base: TrainRecipe, study: StudyConfiguration, kept: number) {
  const fraction = prunedFraction(kept)
  const named = study.schedules.find(({ name }) => name === study.sizes?.schedule)
  if (!named) {
    const [best] = scheduleChoices(base.configuration, fraction, study.retraining)
    return lastRecipe(base, scheduleSchema.parse(best.draft))
  }
  const { name: _, ...schedule } = named
  const steps = [...schedule.steps.filter(step => step < fraction), fraction]
  return lastRecipe(base, {
    ...schedule,
    ...{ steps, regrow: false, retraining: { ...study.retraining, ...schedule.retraining } },
  })
}

/** A schedule has one step at least. */
const lastRecipe = (base: TrainRecipe, schedule: Schedule) => scheduleRecipes(base, schedule).at(-1)!

/** What the experiment of a small model is called. @param kept share of the large network's weights */
export const smallId = (kept: number) => `small-dense-${level(kept)}`

export interface SmallModel {
  /** Share of the large network's weights that the pruned one keeps. */
  readonly kept: number
  /** The pruned model that the small one is compared with. */
  readonly large: Experiment
  readonly network: NetworkOptions
  /** Epochs for which it is trained, at most. */
  readonly epochs: number
  /** What an epoch of it takes, in epochs of the large model. */
  readonly effort: number
}

/** The small and dense model: trained as the large one was, for as long as that and its retraining took. */
export function smallExperiment(
  study: StudyConfiguration,
  { kept, large, network, epochs, effort }: SmallModel,
): Experiment {
  const training = smallTraining(large, study.sizes?.small ?? {}, epochs)
  return {
    id: smallId(kept),
    seed: large.seed,
    group: 'small',
    name: 'small-dense',
    fraction: 0,
    effort,
    recipe: { kind: 'train', configuration: { model: network, training } },
  }
}

/** The settings of the small model's training. It has the dropout of the retraining: few weights need little of it. */
export function smallTraining(large: Experiment, changes: Partial<TrainingConfig>, epochs: number): TrainingConfig {
  const { configuration } = originOf(large.recipe)
  const dropout = large.recipe.kind === 'retrain' ? large.recipe.training.dropout : undefined
  const training = { ...configuration.training, snapshots: [], ...(dropout !== undefined && { dropout }) }
  return { ...stretched(training, epochs), ...changes }
}
