/** What training measures, and who is told of it. */
import type { ArrayValue } from '@espalier/engine'
import type { ActiveBackend } from './backend-choice.ts'
import type { SettingChanges } from './setting-changes.ts'
import type { TrainingState } from './state.ts'

/** What a listener is told after each update. */
export interface StepProgress {
  readonly step: number
  /** From 0. */
  readonly epoch: number
  readonly totalSteps: number
  /** Whether training ends earlier where validation stops improving. */
  readonly endsEarly?: boolean
  /** Mean −log p of a target word of this update, before the update. */
  readonly loss: number
  readonly learningRate: number
  /** Of the mean gradient, before clipping. */
  readonly gradientNorm: number
  /** Target words (`</s>` included) of this update, and the seconds it took. */
  readonly words: number
  readonly seconds: number
}

/** One line of `metrics.jsonl`. */
export interface EpochMetrics {
  /** From 1. */
  readonly epoch: number
  readonly step: number
  /** At the end of the epoch. */
  readonly learningRate: number
  readonly trainPerplexity: number
  readonly validPerplexity: number
  /** Whether this is the best model so far; none is while it is being pruned gradually. */
  readonly best: boolean
  /** Share of the maskable weights that are pruned. */
  readonly sparsity: number
  /** What computed at the end of the epoch; absent in lines of versions that had one backend. */
  readonly backend?: ActiveBackend
  /** Mean −log p of a target word in training, of each tenth of the epoch. */
  readonly losses: readonly number[]
  /** Settings that were changed when training was resumed, since the line before. */
  readonly changes?: SettingChanges
}

export interface TrainingEvents {
  /**
   * What this returns is awaited before training goes on. So it can pause, or measure the weights as they are.
   * @param weights the parameters by name; of sparse ones kept values with their pattern
   */
  onStep?(progress: StepProgress, weights: () => Promise<ReadonlyMap<string, ArrayValue>>): unknown
  onEpoch?(metrics: EpochMetrics): void
  /** What computes from now on: told at the beginning, and when gradual pruning makes another backend faster. */
  onBackend?(active: ActiveBackend): void
  /** Training goes on from a checkpoint. */
  onResume?(from: { readonly epoch: number; readonly step: number; readonly changes: SettingChanges }): void
}

/** Perplexity and losses of the epoch in progress. */
export function trainingLosses({ lossBins }: TrainingState): Pick<EpochMetrics, 'trainPerplexity' | 'losses'> {
  // Where training was resumed after a fraction of an epoch, the first bins are empty.
  const bins = lossBins.filter(Boolean)
  const loss = bins.reduce((n, bin) => n + bin.loss, 0)
  const words = bins.reduce((n, bin) => n + bin.words, 0)
  return { trainPerplexity: Math.exp(loss / words), losses: bins.map(bin => bin.loss / bin.words) }
}
