/** A model that a study builds, and what those are called that claims look for. */
import type { Recipe } from '../store/recipe.ts'
import type { ModelResult } from './results.ts'

/** A model to build and to measure, of whatever seed. */
export interface PlannedModel {
  /** The same for all seeds. */
  readonly id: string
  readonly group: ModelResult['group']
  /** The scheme of a pruned model, the name of a schedule. */
  readonly name: string
  readonly fraction: number
  readonly recipe: Recipe
}

/** What controls are called; no schedule of a study that has them can have these names. */
export const CONTROL_NAMES = { trainedOn: 'trained-on', lessDropout: 'trained-on-less-dropout' } as const

/** Names of sparse structures that are trained from their first weights on, by kind. */
export const SCRATCH_NAMES = {
  scratch: 'from scratch',
  ticket: 'ticket',
  'random-structure': 'random structure',
} as const
export type ScratchKind = keyof typeof SCRATCH_NAMES
export const SCRATCH_KINDS = Object.keys(SCRATCH_NAMES) as [ScratchKind, ...ScratchKind[]]
