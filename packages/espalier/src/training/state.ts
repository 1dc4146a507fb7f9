/** Where training is: all that a resumed run needs beside the arrays. */
import { UserError } from '@espalier/runtime'
import type { ActiveBackend } from './backend-choice.ts'
import type { SettingChanges } from './setting-changes.ts'

export interface TrainingState {
  /** Epochs that are done. */
  epoch: number
  /** Updates of the epoch in progress that are done. */
  update: number
  /** Updates of the whole training that are done. */
  step: number
  /** Σ −log p and target words of each tenth of the epoch in progress. */
  lossBins: { loss: number; words: number }[]
  /** The fraction that was pruned when training began. */
  initialSparsity: number
  bestPerplexity: number
  epochsSinceBest: number
  /** Where the storage's metrics end. */
  metricsPosition: number
  finished: boolean
  /** Settings that were changed on resuming and that no line of the metrics has yet. */
  changes: SettingChanges
  /** What training ran on last; checkpoints of versions that had one backend do not say it. */
  backend?: ActiveBackend
}

export function initialState(initialSparsity = 0): TrainingState {
  return {
    epoch: 0,
    update: 0,
    step: 0,
    lossBins: [],
    initialSparsity,
    // The largest number that JSON can hold: any finite perplexity is better.
    bestPerplexity: Number.MAX_VALUE,
    epochsSinceBest: 0,
    metricsPosition: 0,
    finished: false,
    changes: {},
  }
}

/** Adds the loss of an update to a part of the epoch. */
export function addLoss(state: TrainingState, bin: number, { loss, words }: { loss: number; words: number }): void {
  state.lossBins[bin] ??= { loss: 0, words: 0 }
  state.lossBins[bin].loss += loss
  state.lossBins[bin].words += words
}

export function serialiseState(state: TrainingState): string {
  return JSON.stringify(state)
}

/** Names that checkpoints of version 0.1.0 have for fields of the state. */
const OLD_NAMES: Readonly<Record<string, keyof TrainingState>> = {
  batch: 'update',
  tenths: 'lossBins',
  metricsBytes: 'metricsPosition',
}

/**
 * Reads what {@link serialiseState} wrote.
 * @param origin named in errors
 * @throws UserError `damaged-file` where it is not a state
 */
export function parseState(text: string | undefined, origin: string): TrainingState {
  const damaged = () => new UserError('damaged-file', `${origin} does not say where training was`)
  let parsed: unknown
  try {
    parsed = JSON.parse(text ?? '')
  } catch {
    throw damaged()
  }
  if (parsed === null || typeof parsed !== 'object') throw damaged()
  const found = Object.fromEntries(Object.entries(parsed).map(([key, value]) => [OLD_NAMES[key] ?? key, value]))
  const state = { ...initialState(), ...found }
  const { lossBins, finished, changes, backend, ...numbers } = state
  const sound = Object.values(numbers).every(n => typeof n === 'number' && n >= 0) && typeof finished === 'boolean'
  if (!sound || !Array.isArray(lossBins) || typeof changes !== 'object') throw damaged()
  if (backend !== undefined && typeof backend?.name !== 'string') throw damaged()
  return state
}
