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

/**
 * The ways to prune a model to a fraction, the most promising first: gradually, at the rate that the model's training began with,
 * until validation stops improving. Dropout shrinks with the square root of the weights that are left: a network of fewer
 * weights overfits less (Han et al. 2015, equation 3).
 * @param fraction of all weights, at the end
 * @param settings of the retraining that are decided already
 */
export function scheduleChoices(
  { model, training }: Configuration,
  fraction: number,
  settings: Partial<TrainingConfig> = {},
): ScheduleChoice[] {
  const dropout = training.dropout ?? model.dropout
  const choice = (gradualEpochs: number, learningRate: number, keptPower: number): ScheduleChoice => {
    const retraining = {
      learningRate,
      decayFrom: 'plateau' as const,
      decayEvery: 1,
      decay: 0.5,
      epochs: MOST_EPOCHS,
      tolerance: TOLERANCE,
      patience: PATIENCE,
      dropout: Number((dropout * (1 - fraction) ** keptPower).toPrecision(2)),
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
    choice(GRADUAL_EPOCHS, learningRate, 0.5),
    choice(2 * GRADUAL_EPOCHS, learningRate, 0.5),
    choice(GRADUAL_EPOCHS, learningRate, 0.25),
    choice(GRADUAL_EPOCHS, learningRate / 2, 0.5),
    choice(2 * GRADUAL_EPOCHS, learningRate, 0.25),
  ]
}
