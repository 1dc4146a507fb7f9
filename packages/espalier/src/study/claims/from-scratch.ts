/** Claim 4. */
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

export const fromScratchClaim: ClaimDefinition = {
  number: 4,
  claim: 'The same sparse structure trained from scratch does worse than train, prune, retrain.',
  paper: 'Trained with the sparse structure from the outset, the model does worse than pruned and retrained.',
  answer: results => againstConverged(results, scratchIsWorse(results)),
}

/** Holds where it is worse at all levels; does not hold where it is better at one (Holm over the levels). */
function scratchIsWorse(results: StudyNumbers): Answer {
  const compared = results.comparisons.filter(({ than }) => findSummary(results, than)?.group === 'scratch')
  const missing = failureText(results, ({ group }) => group === 'scratch' || group === 'retrained')
  if (compared.length === 0) return undecided(`No sparse structure was trained from scratch.${missing}`)
  const sure = holmSignificant(compared)
  const evidence = `${compared
    .map(each => `${each.better} against ${each.than}: ${effectText(each)} BLEU`)
    .join('; ')}.${missing}`
  if (compared.every(each => each.difference > 0 && sure.includes(each))) return { verdict: 'holds', evidence }
  if (sure.some(({ difference }) => difference < 0)) return { verdict: 'does not hold', evidence }
  return undecided(evidence)
}
