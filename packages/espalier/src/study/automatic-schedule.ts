/**
 * Schedules for whom gives a fraction and nothing else: what our studies found best (docs/results), scaled to the training that
 * the model had.
 */
import type { Configuration } from '../configuration/configuration.ts'
import type { TrainingConfig } from '../configuration/training.ts'
import type { Schedule } from './schedule.ts'

/** A schedule; what it leaves out has its default. */
export interface ScheduleChoice {
  /** What is done, in words. */
  readonly description: string
  readonly draft: Pick<Schedule, 'method' | 'steps' | 'gradualEnd'> & { readonly retraining: Partial<TrainingConfig> }
}

/** Epochs in which weights go; more of them cost time, fewer cost BLEU. */
const GRADUAL_EPOCHS = 5
/** Far more than any retraining took until validation stopped improving. */
const MOST_EPOCHS = 40
/** An epoch of retraining brings less than one of training: where training asks for a hundredth, half of that counts. */
const TOLERANCE = 0.005
const PATIENCE = 2

/** A network of fewer weights overfits less, but not as much less as the square root says (docs/results/compress.md). */
const LESS_DROPOUT = 2 / 3

/**
 * The ways to prune a model to a fraction, the most promising first: gradually, at the rate that the model's training began with,
 * with two thirds of its dropout, until validation stops improving. The others change one of these; the last has dropout
 * shrink with the square root of the weights that are left (Han et al. 2015, equation 3).
 * @param fraction of all weights, at the end
 * @param settings of the retraining that are decided already
 */
export function scheduleChoices(
  { model, training }: Configuration,
  fraction: number,
  settings: Partial<TrainingConfig> = {},
): ScheduleChoice[] {
  const dropout = training.dropout ?? model.dropout
  const choice = (gradualEpochs: number, learningRate: number, dropoutFactor: number): ScheduleChoice => {
    const retraining = {
      learningRate,
      decayFrom: 'plateau' as const,
      decayEvery: 1,
      decay: 0.5,
      epochs: MOST_EPOCHS,
      tolerance: TOLERANCE,
      patience: PATIENCE,
      dropout: Number((dropout * dropoutFactor).toPrecision(2)),
      ...settings,
    }
    return {
      description:
        `prune gradually over ${gradualEpochs} epochs, then train on until validation stops improving ` +
        `(learning rate ${retraining.learningRate}, dropout ${retraining.dropout})`,
      draft: {
        method: 'gradual',
        steps: [fraction],
        gradualEnd: Math.min(1, gradualEpochs / retraining.epochs),
        retraining,
      },
    }
  }
  const { learningRate } = training
  return [
    choice(GRADUAL_EPOCHS, learningRate, LESS_DROPOUT),
    choice(GRADUAL_EPOCHS, learningRate, 1),
    choice(2 * GRADUAL_EPOCHS, learningRate, LESS_DROPOUT),
    choice(GRADUAL_EPOCHS, learningRate / 2, LESS_DROPOUT),
    choice(GRADUAL_EPOCHS, learningRate, Math.sqrt(1 - fraction)),
  ]
}
