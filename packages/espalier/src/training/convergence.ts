/** Whether a training has converged: what is pruned afterwards is only worth comparing with a model that was trained completely. */
import type { EpochResult } from './state.ts'

/** An epoch that lowers the validation perplexity by less than this share brings next to nothing. */
const LITTLE = 0.02
/** The learning rate may fall once an epoch brings less than this; where it falls before, it is what ends the progress. */
const BEFORE_FALL = 0.05

export interface Convergence {
  readonly converged: boolean
  /** Why, in words. */
  readonly reason: string
}

/**
 * Judges a training by its epochs: it has converged where the last one brought next to nothing, and where the learning rate did
 * not begin to fall while epochs still brought much, for then it is the rate that ended the progress.
 * @param history all epochs, in order
 */
export function convergence(history: readonly EpochResult[]): Convergence {
  if (history.length < 2) return { converged: false, reason: 'it had fewer than two epochs' }
  const gains = history.map((_, i) => gainOf(history, i))
  const fall = history.findIndex(({ learningRate }, i) => i > 0 && learningRate < history[i - 1].learningRate)
  const last = gains[gains.length - 1]
  if (last >= LITTLE)
    return { converged: false, reason: `the last epoch still lowered the validation perplexity by ${percent(last)}` }
  if (fall === 1) return { converged: false, reason: 'the learning rate began to fall after the first epoch' }
  const before = fall > 0 ? gains[fall - 1] : 0
  if (before >= BEFORE_FALL) {
    const reason = `the learning rate began to fall after epoch ${fall}, which had lowered the validation perplexity by ${percent(before)}`
    return { converged: false, reason }
  }
  return { converged: true, reason: 'the last epoch brought next to nothing' }
}

/** The share by which an epoch lowered the best validation perplexity before it; 0 for the first. */
function gainOf(history: readonly EpochResult[], epoch: number): number {
  if (epoch === 0) return 0
  const before = Math.min(...history.slice(0, epoch).map(({ validPerplexity }) => validPerplexity))
  return Math.max(0, 1 - history[epoch].validPerplexity / before)
}

const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`
