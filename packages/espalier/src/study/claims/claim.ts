/** What a claim is: a sentence of the paper, and a function of a study's numbers that answers it. */
import { convergence } from '../../training/convergence.ts'
import type { Claim, ModelResult, StudyResults } from '../results.ts'

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
 * An answer that measures against the unpruned model: undecided, whatever the numbers say, where that had not converged, for
 * then it is training on that gains.
 */
export function againstConverged(results: StudyNumbers, { verdict, evidence }: Answer): Answer {
  const epochs = findModel(results, 'dense')?.epochs ?? []
  const { converged, reason } = convergence(epochs)
  if (epochs.length === 0 || converged) return { verdict, evidence }
  return undecided(`The unpruned model had not converged: ${reason}. ${evidence}`)
}

/** BLEU that counts as no loss. */
export const TOLERANCE = 0.2

export const undecided = (evidence: string): Answer => ({ verdict: 'undecided', evidence })

export const findModel = ({ models }: Pick<StudyNumbers, 'models'>, id: string) => models.find(model => model.id === id)

export const bleuDifference = (model: ModelResult, dense: ModelResult) => model.bleu.score - dense.bleu.score

/** ` (p = 0.012)`, or nothing where it is not known. */
export const pText = (value: number | undefined) => (value === undefined ? '' : ` (p = ${value.toFixed(3)})`)
