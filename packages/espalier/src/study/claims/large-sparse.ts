/** Claim 7. It is not of See, Luong & Manning: it is what everybody asks who needs a small model. */
import { convergence } from '../../training/convergence.ts'
import { percent } from '../format.ts'
import type { Comparison } from '../results.ts'
import type { SizePair } from '../size-results.ts'
import {
  type Answer,
  againstConverged,
  type ClaimDefinition,
  effectText,
  failureText,
  findSummary,
  type StudyNumbers,
  undecided,
} from './claim.ts'
import { holmSignificant } from './statistics.ts'

export const largeSparseClaim: ClaimDefinition = {
  number: 7,
  claim: 'With as many weights and as much time for training, a large pruned model beats a small dense one.',
  paper: 'Not a claim of the paper. Large and sparse beats small and dense in Zhu & Gupta (2017), as reported.',
  answer: results => {
    const answer = largeSparseWins(results)
    return results.sizes ? againstConverged(results, answer) : answer
  },
}

/** Holds where it is better at all sizes; does not hold where it is worse at one (Holm over the sizes). */
function largeSparseWins(results: StudyNumbers): Answer {
  const missing = failureText(results, ({ group, name }) => group === 'small' || name === 'large-sparse')
  const compared = (results.sizes ?? []).flatMap(pair => {
    const found = results.comparisons.find(({ better, than }) => better === pair.sparse && than === pair.small)
    return found ? [{ ...found, pair }] : []
  })
  if (compared.length === 0) return undecided(`No small dense model was trained: study.sizes asks for them.${missing}`)
  const sure = holmSignificant(compared)
  const evidence = compared.map(each => pairText(results, each.pair, each)).join(' ') + missing
  if (sure.some(({ difference }) => difference < 0)) return { verdict: 'does not hold', evidence }
  return sure.length === compared.length ? { verdict: 'holds', evidence } : undecided(evidence)
}

const millions = (weights: number) => `${(weights / 1e6).toPrecision(3)} million`

function pairText(results: StudyNumbers, { share, sparse, small, weights, hidden }: SizePair, effect: Comparison) {
  const kept = `${sparse} (${millions(weights.sparse)} weights)`
  const dense = `${small} (${hidden} units, ${millions(weights.small)} weights)`
  const packed = packedText(results, sparse, small)
  return `At ${percent(share)}, ${kept} against ${dense}: ${effectText(effect)}${packed}.${unfinishedText(results, small)}`
}

/** Says where the time of the large model was not enough for the small one. */
function unfinishedText({ models }: StudyNumbers, small: string): string {
  const unfinished = models.some(
    ({ id, epochs }) => id === small && epochs.length > 0 && !convergence(epochs).converged,
  )
  return unfinished ? ` In this time ${small} had not converged.` : ''
}

/** What both are as packed files: as many weights are neither as many bytes nor as fast. */
function packedText(results: StudyNumbers, sparse: string, small: string): string {
  const [ours, theirs] = [sparse, small].map(id => {
    const packed = findSummary(results, id)?.packed
    if (!packed) return undefined
    const speed = packed.wordsPerSecond === undefined ? '' : ` and ${packed.wordsPerSecond.toFixed(0)} words/s`
    return `${(packed.bytes / 1e6).toFixed(2)} MB${speed}`
  })
  return ours && theirs ? `; packed ${ours} against ${theirs}` : ''
}
