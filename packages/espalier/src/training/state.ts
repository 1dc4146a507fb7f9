/** Where training is: all that a resumed run needs beside the arrays. */
import { UserError } from '@espalier/runtime'
import type { TrainingConfig } from '../configuration/training.ts'
import type { ActiveBackend } from './backend-choice.ts'
import type { SettingChanges } from './setting-changes.ts'

/** What is remembered of an epoch. */
export interface EpochResult {
  /** At its end. */
  readonly learningRate: number
  readonly validPerplexity: number
}

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
  /** Epochs in a row that did not improve validation. */
  epochsSinceBest: number
  /** What whole epochs came to, of a training that prunes gradually those after the last pruning. */
  history: EpochResult[]
  /** The epochs after which validation stopped improving and the learning rate began to fall, where it waits for that. */
  plateau?: number
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
    history: [],
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

/**
 * Moves the state to the next epoch, or to the end: early where validation has not improved for long enough.
 * @param result what the epoch came to; undefined while gradual pruning goes on, when epochs cannot be compared
 */
export function advance(state: TrainingState, training: TrainingConfig, result: EpochResult | undefined): void {
  state.epoch++
  Object.assign(state, { update: 0, lossBins: [], changes: {} })
  if (result) {
    const improved = result.validPerplexity < state.bestPerplexity * (1 - training.tolerance)
    state.epochsSinceBest = improved ? 0 : state.epochsSinceBest + 1
    state.bestPerplexity = Math.min(state.bestPerplexity, result.validPerplexity)
    state.history.push(result)
  } else state.epochsSinceBest = 0
  const waiting = training.decayFrom === 'plateau' && state.plateau === undefined
  if (waiting && state.epochsSinceBest > 0) {
    // A lower rate is given a chance before patience ends.
    state.plateau = state.epoch
    state.epochsSinceBest = 0
  }
  const outOfPatience = training.patience > 0 && state.epochsSinceBest >= training.patience
  state.finished = outOfPatience || state.epoch >= training.epochs - 1e-9
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
  const { lossBins, history, finished, changes, backend, ...numbers } = state
  const sound = Object.values(numbers).every(n => typeof n === 'number' && n >= 0) && typeof finished === 'boolean'
  if (!sound || !Array.isArray(lossBins) || !Array.isArray(history) || typeof changes !== 'object') throw damaged()
  if (backend !== undefined && typeof backend?.name !== 'string') throw damaged()
  return state
}
