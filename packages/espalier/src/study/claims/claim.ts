/** What a claim is: a sentence of the paper, and a function of a study's numbers that answers it. */
import { convergence } from '../../training/convergence.ts'
import { probability, signed } from '../format.ts'
import type { Claim, Comparison, StudyResults, Summary } from '../results.ts'

/** All numbers of a study, before its claims are answered. */
export type StudyNumbers = Omit<StudyResults, 'claims'>
export type Answer = Pick<Claim, 'verdict' | 'evidence'>

export interface ClaimDefinition {
  /** As in the report and in `results.json`. */
  readonly number: number
  readonly claim: string
  /**
   * What the paper found, in our words (See, Luong & Manning 2016; figures of WMT'14 English-German, marked where they are
   * reported by others).
   */
  readonly paper: string
  answer(results: StudyNumbers): Answer
}

/**
 * An answer that measures against the unpruned models: undecided, whatever the numbers say, where one of them had not converged,
 * for then it is training on that gains.
 */
export function againstConverged(results: StudyNumbers, { verdict, evidence }: Answer): Answer {
  for (const { id, seed, epochs } of results.models) {
    if (id !== 'dense' || epochs.length === 0) continue
    const { converged, reason } = convergence(epochs)
    const which = results.seeds.length > 1 ? ` of seed ${seed}` : ''
    if (!converged) return undecided(`The unpruned model${which} had not converged: ${reason}. ${evidence}`)
  }
  return { verdict, evidence }
}

/** A mean loss of BLEU up to this counts as no loss. */
export const TOLERANCE = 0.2

/** A loss of BLEU that readers notice: a mean within the tolerance says nothing as long as this much may be hidden in its interval. */
export const NOTICEABLE = 1

/** Whether a difference from the unpruned model is no loss: small in the mean, and a loss that is noticed can be ruled out. */
export const isLossless = ({ fromDense }: Summary) =>
  fromDense !== undefined && fromDense.difference >= -TOLERANCE && fromDense.low > -NOTICEABLE

export const undecided = (evidence: string): Answer => ({ verdict: 'undecided', evidence })

export const findSummary = ({ summaries }: Pick<StudyNumbers, 'summaries'>, id: string) =>
  summaries.find(summary => summary.id === id)

type Effect = Pick<Comparison, 'difference' | 'low' | 'high' | 'pValue'>

/** `+0.31 BLEU [−0.10, +0.72], p = 0.012`: a difference of BLEU with its 95 % interval. */
export const effectText = ({ difference, low, high, pValue }: Effect) =>
  `${signed(difference)} BLEU [${signed(low)}, ${signed(high)}], p ${probability(pValue)}`

/** What is missing from an answer, in a sentence with a space before it; nothing where all trained. */
export function failureText(
  { failures }: StudyNumbers,
  concerns: (failure: StudyNumbers['failures'][number]) => boolean,
) {
  const left = failures.filter(concerns)
  return left.length === 0
    ? ''
    : ` Left out: ${left.map(({ id, seed, reason }) => `${id} of seed ${seed}, which ${reason.split(':')[0]}`).join('; ')}.`
}
