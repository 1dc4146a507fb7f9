/** Learning rate schedules: of a first training, of retraining, and of a training that is rewound. */
import { UserError } from '@espalier/runtime'
import type { TrainingConfig } from '../configuration/training.ts'

/**
 * The learning rate after `progress` epochs: constant, then falling by a factor, from `decayFrom` on.
 * @param plateau the epochs after which validation stopped improving, once it has: `decayFrom` where that is `plateau`
 */
export function learningRateAt(options: TrainingConfig, progress: number, plateau = Number.POSITIVE_INFINITY): number {
  const { learningRate, decay, decayEvery } = options
  const decayFrom = options.decayFrom === 'plateau' ? plateau : options.decayFrom
  // The margin keeps a batch that begins an epoch on its side of the border in spite of rounding.
  const falls = progress + 1e-9 < decayFrom ? 0 : Math.floor((progress + 1e-9 - decayFrom) / decayEvery) + 1
  return learningRate * decay ** falls
}

/**
 * The paper's retraining (See, Luong & Manning 2016, section 3.4, as reported): half the learning rate,
 * a third of the epochs, halved every half epoch after half of them. Where the first training's rate followed validation, that
 * of retraining does so too.
 */
export function retrainingOptions(original: TrainingConfig): TrainingConfig {
  const epochs = Math.max(1, Math.round(original.epochs / 3))
  if (original.decayFrom === 'plateau') return { ...original, learningRate: original.learningRate / 2, epochs }
  return { ...original, learningRate: original.learningRate / 2, epochs, decayFrom: epochs / 2, decayEvery: 0.5 }
}

/**
 * The last epochs of a training once more: the learning rate goes back to where it was then (learning rate rewinding;
 * with the weights of that time, weight rewinding: Renda, Frankle & Carbin 2020, Frankle et al. 2019).
 * @param epoch the epoch of the original training to go back to
 * @throws UserError `rewind` where there is no such epoch, or where the rate of that time depended on validation
 */
export function rewoundOptions(original: TrainingConfig, epoch: number): TrainingConfig {
  const epochs = original.epochs - epoch
  if (!(epoch >= 0 && epochs > 0))
    throw new UserError('rewind', `there is no epoch ${epoch} to rewind to: training has ${original.epochs}`)
  if (original.decayFrom === 'plateau')
    throw new UserError(
      'rewind',
      'the learning rate of that training fell when validation stopped improving, so that no schedule tells what it was ' +
        'at an epoch: train with a number for training.decayFrom to rewind',
    )
  const elapsed = epoch - original.decayFrom
  // Where the rate had begun to fall, the falls go on in their rhythm.
  const decayFrom = elapsed < 0 ? -elapsed : original.decayEvery - (elapsed % original.decayEvery)
  return { ...original, epochs, learningRate: learningRateAt(original, epoch), decayFrom }
}
