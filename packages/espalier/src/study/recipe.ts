/**
 * Recipes: how a model is made, from the data on. A recipe is a value; its key is a digest of all that goes into it, so
 * what was made once is recognised and not made again.
 */
import { createHash } from 'node:crypto'
import type { Configuration } from '../configuration/configuration.ts'
import type { GradualOptions, TrainingOptions } from '../configuration/training.ts'
import type { Selection } from '../pruning/prune.ts'

/** A network trained from nothing; `maskOf`: with the sparse structure of a pruned model. */
export interface TrainRecipe {
  readonly kind: 'train'
  readonly configuration: Configuration
  readonly maskOf?: Recipe
}
export interface PruneRecipe {
  readonly kind: 'prune'
  readonly of: Recipe
  readonly selection: Selection
}
export interface RetrainRecipe {
  readonly kind: 'retrain'
  readonly of: Recipe
  readonly training: TrainingOptions
  /** The weights of an epoch of this model's training instead of the model's own. */
  readonly rewind?: { readonly model: TrainRecipe; readonly epoch: number }
  readonly regrow?: boolean
  readonly gradual?: GradualOptions
}
export type Recipe = TrainRecipe | PruneRecipe | RetrainRecipe

/** The digest of a value's JSON, keys in order: the same for the same value. */
export function digestOf(value: unknown): string {
  const ordered = (_key: string, x: unknown) =>
    x !== null && typeof x === 'object' && !Array.isArray(x)
      ? Object.fromEntries(Object.entries(x).sort(([a], [b]) => (a < b ? -1 : 1)))
      : x
  return createHash('sha256').update(JSON.stringify(value, ordered)).digest('hex')
}

/** The model that all others of a recipe were made from, and its training. */
export function originOf(recipe: Recipe): TrainRecipe {
  return recipe.kind === 'train' ? recipe : originOf(recipe.of)
}

/** Epochs of training that a recipe takes beyond what it begins from. */
export function epochsOf(recipe: Recipe): number {
  if (recipe.kind === 'prune') return 0
  return recipe.kind === 'train' ? recipe.configuration.training.epochs : recipe.training.epochs
}

/** A name for people: `dense`, `prune-80`, `retrain-80`, `scratch-80`. */
export function slug(recipe: Recipe): string {
  const gone = fractionOf(recipe)
  const level = gone === undefined ? '' : `-${Number((100 * gone).toFixed(2))}`
  if (recipe.kind === 'train') return recipe.maskOf ? `scratch${level}` : 'dense'
  if (recipe.kind === 'prune') return `prune${level}`
  return `${recipe.regrow ? 'regrow' : recipe.gradual ? 'gradual' : 'retrain'}${level}`
}

/** The fraction that the last pruning of a recipe was to take. */
export function fractionOf(recipe: Recipe): number | undefined {
  if (recipe.kind === 'train') return recipe.maskOf && fractionOf(recipe.maskOf)
  if (recipe.kind === 'prune') return recipe.selection.fraction
  return recipe.gradual?.fraction ?? fractionOf(recipe.of)
}
