/**
 * Recipes: how a model is made, from the data on. A recipe is plain data and contains the recipe that it builds on; its key
 * (model-key.ts) names the model, so what was built once is recognised and not built again.
 */
import type { Configuration } from '../configuration/configuration.ts'
import type { GradualConfig, TrainingConfig } from '../configuration/training.ts'
import type { Selection } from '../pruning/prune.ts'

/** A network trained from nothing. */
export interface TrainRecipe {
  readonly kind: 'train'
  readonly configuration: Configuration
  /** A pruned model whose sparse structure it has. */
  readonly maskOf?: Recipe
  /** Seed of random places instead of those of `maskOf`, as many in each tensor. */
  readonly randomPlaces?: number
}
export interface PruneRecipe {
  readonly kind: 'prune'
  readonly of: Recipe
  readonly selection: Selection
}
export interface RetrainRecipe {
  readonly kind: 'retrain'
  readonly of: Recipe
  readonly training: TrainingConfig
  /** The weights of an epoch of this model's training instead of the model's own. */
  readonly rewind?: { readonly model: TrainRecipe; readonly epoch: number }
  readonly regrow?: boolean
  readonly gradual?: GradualConfig
}
export type Recipe = TrainRecipe | PruneRecipe | RetrainRecipe

/** The model that all others of a recipe were made from, and its training. */
export function originOf(recipe: Recipe): TrainRecipe {
  return recipe.kind === 'train' ? recipe : originOf(recipe.of)
}

/** Epochs of training that a recipe takes beyond what it begins from. */
export function epochsOf(recipe: Recipe): number {
  if (recipe.kind === 'prune') return 0
  return recipe.kind === 'train' ? recipe.configuration.training.epochs : recipe.training.epochs
}

/** A readable name: `dense`, `prune-80`, `retrain-80`, `scratch-80`, `random-structure-80`. */
export function slug(recipe: Recipe): string {
  const fraction = fractionOf(recipe)
  const level = fraction === undefined ? '' : `-${Number((100 * fraction).toFixed(2))}`
  if (recipe.kind === 'train') {
    if (!recipe.maskOf) return 'dense'
    return `${recipe.randomPlaces === undefined ? 'scratch' : 'random-structure'}${level}`
  }
  if (recipe.kind === 'prune') return `prune${level}`
  return `${recipe.regrow ? 'regrow' : recipe.gradual ? 'gradual' : 'retrain'}${level}`
}

/** The fraction that the last pruning of a recipe was to take. */
export function fractionOf(recipe: Recipe): number | undefined {
  if (recipe.kind === 'train') return recipe.maskOf && fractionOf(recipe.maskOf)
  if (recipe.kind === 'prune') return recipe.selection.fraction
  return recipe.gradual?.fraction ?? fractionOf(recipe.of)
}

/** The recipes whose models have to exist before this one's can be built. */
export function dependencies(recipe: Recipe): Recipe[] {
  if (recipe.kind === 'train') return recipe.maskOf ? [recipe.maskOf] : []
  if (recipe.kind === 'retrain' && recipe.rewind) return [recipe.of, recipe.rewind.model]
  return [recipe.of]
}
