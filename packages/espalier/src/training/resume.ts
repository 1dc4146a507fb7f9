/** Resuming a training with other settings: where it goes on. */
import { UserError } from '@espalier/runtime'
import type { TrainingConfig } from '../configuration/training.ts'
import { checkChangeable, describeChanges, settingChanges } from './setting-changes.ts'
import type { TrainingState } from './state.ts'

/**
 * The state from which training goes on with other settings.
 * @param updates updates of a whole epoch
 * @throws UserError `not-changeable`; `finished` where the changes would have no effect
 */
export function resumedState(
  state: TrainingState,
  from: TrainingConfig,
  to: TrainingConfig,
  updates: number,
): TrainingState {
  const changes = settingChanges(from, to)
  checkChangeable(changes)
  if (Object.keys(changes).length === 0) return state
  // A last epoch that was trained in part counts as one that is done: its rest comes first.
  const whole = Math.floor(from.epochs + 1e-9)
  const partial = state.epoch > from.epochs + 1e-9
  const next: TrainingState = {
    ...state,
    ...(partial && { epoch: whole, update: Math.round((from.epochs - whole) * updates) }),
    // After early stopping, other settings are given a new chance; a rate that is set anew falls when it is time for it.
    epochsSinceBest: state.finished ? 0 : state.epochsSinceBest,
    plateau: 'learningRate' in changes || 'decayFrom' in changes ? undefined : state.plateau,
    changes: { ...state.changes, ...changes },
  }
  const remaining = Math.round((to.epochs - next.epoch) * updates) - next.update
  if (remaining > 0) return { ...next, finished: false }
  throw new UserError(
    'finished',
    `training has ended after ${Number((next.epoch + next.update / updates).toFixed(3))} epochs, so that ` +
      `${describeChanges(changes)} would have no effect: set training.epochs to more`,
  )
}
