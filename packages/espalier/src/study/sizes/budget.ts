/** What the large model's training took, and for how many epochs the small one can be trained in that time. */
import type { TrainingConfig } from '../../configuration/training.ts'
import type { Recipe } from '../../store/recipe.ts'

/** Seconds of an epoch, measured in turns: training-speed.ts. */
export interface EpochSeconds {
  /** Of the large model, unpruned. */
  readonly dense: number
  /** Of the large model, pruned to its last mask. */
  readonly sparse: number
  /** Of the small model. */
  readonly small: number
}

/**
 * Seconds that a pruned model took from its initial weights on: the training of the dense one, and all pruning and retraining
 * after it. Epochs with the last mask count as sparse ones. Those before it, while the model is pruned gradually or step by
 * step, count as dense ones, though some of them are faster: that is in favour of the small model, which gets as many seconds.
 * @param epochsOf the epochs that a recipe's own training has taken, which may have stopped early
 */
export function trainingSeconds(
  recipe: Recipe,
  epochsOf: (recipe: Recipe) => number,
  seconds: Pick<EpochSeconds, 'dense' | 'sparse'>,
): number {
  const whole = (part: Recipe): number => {
    if (part.kind === 'prune') return whole(part.of)
    return epochsOf(part) * seconds.dense + (part.kind === 'train' ? 0 : whole(part.of))
  }
  if (recipe.kind !== 'retrain') return whole(recipe)
  const epochs = epochsOf(recipe)
  const before = Math.min(epochs, recipe.gradual?.end ?? 0)
  return whole(recipe.of) + before * seconds.dense + (epochs - before) * seconds.sparse
}

/** Whole epochs of the small model that fit into so many seconds; one at least. */
export const epochsWithin = (seconds: number, secondsOfEpoch: number) =>
  Math.max(1, Math.floor(seconds / secondsOfEpoch))

/**
 * A training of more or fewer epochs: the learning rate falls at the same share of it. Where the rate follows validation, the
 * epochs are the most that there may be.
 */
export function stretched(training: TrainingConfig, epochs: number): TrainingConfig {
  if (training.decayFrom === 'plateau') return { ...training, epochs }
  const factor = epochs / training.epochs
  const scaled = (x: number) => Number((x * factor).toFixed(4))
  return { ...training, epochs, decayFrom: scaled(training.decayFrom), decayEvery: scaled(training.decayEvery) }
}
