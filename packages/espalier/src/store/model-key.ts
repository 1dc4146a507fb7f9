/**
 * Keys: digests that name models by what goes into them. A recipe counts with what differs from the defaults, so that a new
 * option renames no model, and with a version, so that a model made before a mistake was mended is not taken for a new one.
 */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { Configuration } from '../configuration/configuration.ts'
import { networkSchema } from '../configuration/network.ts'
import { selectionSchema } from '../configuration/selection.ts'
import { gradualSchema, trainingSchema } from '../configuration/training.ts'
import type { Recipe } from './recipe.ts'

/**
 * To be raised when training or pruning makes another model of the same recipe, and when a default changes. Version 1 digested
 * all options, defaults included.
 */
export const RECIPE_VERSION = 2

const KEY_LENGTH = 10

/** The digest of a value's JSON, keys in order: the same for the same value. */
export function digestOf(value: unknown): string {
  const ordered = (_key: string, x: unknown) =>
    x !== null && typeof x === 'object' && !Array.isArray(x)
      ? Object.fromEntries(Object.entries(x).sort(([a], [b]) => (a < b ? -1 : 1)))
      : x
  return createHash('sha256').update(JSON.stringify(value, ordered)).digest('hex')
}

/** @param data digest of the training text */
export function modelKey(recipe: Recipe, data: string): string {
  return digestOf({ version: RECIPE_VERSION, recipe: essentialRecipe(recipe), data }).slice(0, KEY_LENGTH)
}

/** The options of a value that differ from a schema's defaults. */
export function withoutDefaults(schema: z.ZodObject, value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([key, option]) => {
      if (option === undefined) return false
      const field = schema.shape[key] as z.ZodType | undefined
      const fallback = field?.safeParse(undefined)
      return !(fallback?.success && digestOf({ option }) === digestOf({ option: fallback.data }))
    }),
  )
}

/** How often checkpoints are written changes no model. */
const training = (options: object) => {
  const { checkpointEvery: _, ...rest } = withoutDefaults(trainingSchema, options)
  return rest
}

/** A configuration without its defaults. */
export function essentialConfiguration({ model, training: options, gradual }: Configuration): object {
  return {
    model: withoutDefaults(networkSchema, model),
    training: training(options),
    ...(gradual && { gradual: withoutDefaults(gradualSchema, gradual) }),
  }
}

function essentialRecipe(recipe: Recipe): object {
  switch (recipe.kind) {
    case 'train':
      return {
        kind: recipe.kind,
        configuration: essentialConfiguration(recipe.configuration),
        ...(recipe.maskOf && { maskOf: essentialRecipe(recipe.maskOf) }),
        ...(recipe.randomPlaces !== undefined && { randomPlaces: recipe.randomPlaces }),
      }
    case 'prune':
      return {
        kind: recipe.kind,
        of: essentialRecipe(recipe.of),
        selection: withoutDefaults(selectionSchema, recipe.selection),
      }
    case 'retrain': {
      const { of, rewind, regrow, gradual } = recipe
      return {
        kind: recipe.kind,
        of: essentialRecipe(of),
        training: training(recipe.training),
        ...(rewind && { rewind: { model: essentialRecipe(rewind.model), epoch: rewind.epoch } }),
        ...(regrow && { regrow }),
        ...(gradual && { gradual: withoutDefaults(gradualSchema, gradual) }),
      }
    }
    default:
      return recipe satisfies never
  }
}
