/** Gradual pruning (Zhu & Gupta 2017): how much is pruned at which moment of training. */
import type { GradualConfig } from '../configuration/training.ts'
import type { Mask } from '../pruning/mask.ts'
import { prune } from '../pruning/prune.ts'
import type { ImportanceScores } from '../pruning/scores.ts'
import { countWeights, type WeightClass } from '../pruning/weights.ts'

/** Keeps a moment that is a sum of fractions of an epoch on its side of a border in spite of rounding. */
const MARGIN = 1e-9

/**
 * The fraction that is to be pruned after `progress` epochs: s_f + (s_0 - s_f)(1 - (t - t_0) / (t_1 - t_0))³
 * (Zhu & Gupta 2017, equation 1), from `initial` on.
 */
export function gradualFraction({ fraction, begin, end }: GradualConfig, progress: number, initial = 0): number {
  const done = Math.min(1, Math.max(0, (progress - begin) / (end - begin)))
  return fraction + (initial - fraction) * (1 - done) ** 3
}

/** Whether the final fraction is due after `progress` epochs. */
export function gradualIsComplete({ end }: GradualConfig, progress: number): boolean {
  return progress + MARGIN >= end
}

/** Whether weights may have to go after `progress` epochs and `step` updates. */
export function gradualIsDue(gradual: GradualConfig, progress: number, step: number): boolean {
  return progress >= gradual.begin && (gradualIsComplete(gradual, progress) || step % gradual.every === 0)
}

/** A moment of training at which pruning is due. */
export interface PruningMoment {
  /** Epochs that are done. */
  readonly progress: number
  readonly mask: Mask
  /** The fraction that was pruned when training began. */
  readonly initialSparsity: number
  /** Importance scores that training summed, for the schemes that need them. */
  readonly scores?: ImportanceScores
}

/**
 * Prunes to the fraction of a moment.
 * @param classes the weight classes that may lose weights
 * @returns the new mask; undefined where nothing has to go
 */
export function pruneGradually(
  gradual: GradualConfig,
  classes: readonly WeightClass[],
  { progress, mask, initialSparsity, scores }: PruningMoment,
): Mask | undefined {
  const fraction = gradualFraction(gradual, progress, initialSparsity)
  const pruned = classes.flatMap(({ tensors }) => tensors).reduce((n, { name }) => n + mask.pruned(name), 0)
  if (Math.round(fraction * countWeights(classes)) <= pruned) return undefined
  // The classes are chosen already.
  const selection = { ...gradual, only: undefined, except: undefined }
  return prune(classes, { ...selection, fraction, current: mask, importance: scores })
}
