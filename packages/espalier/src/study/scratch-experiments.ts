/**
 * The structure of a pruned model trained from its first weights on (claim 4), in three kinds that tell apart why it does worse
 * than a model that is trained first and pruned then: for want of training, of its initial weights, or of more weights while it
 * was trained. And whether it is the structure that matters at all.
 */
import type { Configuration } from '../configuration/configuration.ts'
import type { Recipe, TrainRecipe } from '../store/recipe.ts'
import type { StudyConfiguration } from './configuration.ts'
import { level } from './format.ts'
import { type PlannedModel, SCRATCH_KINDS, SCRATCH_NAMES, type ScratchKind } from './planned-model.ts'
import { scheduleRecipes, scheduleSchema } from './schedule.ts'
import { stretched } from './sizes/budget.ts'

/** New initial weights have the seed of the dense model plus this: far from the seeds that studies have. */
const OTHER_WEIGHTS = 1_000_003

/** @param retrained the seed's models that are pruned and retrained, whose epochs count */
export function scratchExperiments(
  base: TrainRecipe,
  study: StudyConfiguration,
  retrained: readonly PlannedModel[],
): PlannedModel[] {
  const kinds = SCRATCH_KINDS.filter(kind => study.scratchKinds.includes(kind))
  return kinds.flatMap(kind =>
    study.scratch.map(fraction => ({
      id: `${kind}-${level(fraction)}`,
      group: 'scratch' as const,
      name: SCRATCH_NAMES[kind],
      fraction,
      recipe: scratchRecipe(kind, {
        base,
        fraction,
        more: study.scratchEpochs === 'training' ? 0 : epochsAfterTraining(base, study, retrained, fraction),
      }),
    })),
  )
}

interface Structure {
  readonly base: TrainRecipe
  readonly fraction: number
  /** Epochs beyond those of the dense model. */
  readonly more: number
}

function scratchRecipe(kind: ScratchKind, { base, fraction, more }: Structure): TrainRecipe {
  const { configuration } = base
  const { seed } = configuration.training
  const longer = more === 0 ? configuration : withEpochs(configuration, configuration.training.epochs + more)
  const maskOf: Recipe = { kind: 'prune', of: base, selection: { scheme: 'class-blind', fraction } }
  if (kind === 'ticket') return { kind: 'train', configuration: longer, maskOf }
  const training = { ...longer.training, snapshots: [], seed: seed + OTHER_WEIGHTS }
  const other: TrainRecipe = { kind: 'train', configuration: { ...longer, training }, maskOf }
  return kind === 'scratch' ? other : { ...other, randomPlaces: seed }
}

function withEpochs(configuration: Configuration, epochs: number): Configuration {
  return { ...configuration, training: { ...stretched(configuration.training, epochs), snapshots: [] } }
}

/** The epochs that models of a fraction are retrained for, at most; where there is none, those of one-shot pruning. */
function epochsAfterTraining(
  base: TrainRecipe,
  study: StudyConfiguration,
  retrained: readonly PlannedModel[],
  fraction: number,
): number {
  const alike = retrained.filter(model => model.group !== 'control' && model.fraction === fraction)
  const oneShot = scheduleRecipes(base, scheduleSchema.parse({ steps: [fraction], retraining: study.retraining }))
  const recipes = alike.length > 0 ? alike.map(({ recipe }) => recipe) : oneShot
  return Math.max(...recipes.map(retrainedEpochs))
}

/** Epochs of all retrainings that led to a model. */
export function retrainedEpochs(recipe: Recipe): number {
  if (recipe.kind === 'train') return 0
  return retrainedEpochs(recipe.of) + (recipe.kind === 'retrain' ? recipe.training.epochs : 0)
}
