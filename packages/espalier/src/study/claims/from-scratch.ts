/** Claim 4. */

import { signed } from '../format.ts'
import {
  type Answer,
  againstConverged,
  type ClaimDefinition,
  findModel,
  pText,
  type StudyNumbers,
  undecided,
} from './claim.ts'
import { SIGNIFICANCE } from './statistics.ts'

export const fromScratchClaim: ClaimDefinition = {
  number: 4,
  claim: 'The same sparse structure trained from scratch does worse than train, prune, retrain.',
  paper: 'Trained with the sparse structure from the outset, the model does worse than pruned and retrained.',
  answer: results => againstConverged(results, scratchIsWorse(results)),
}

function scratchIsWorse(results: StudyNumbers): Answer {
  const compared = results.comparisons.filter(({ than }) => findModel(results, than)?.group === 'scratch')
  if (compared.length === 0) return undecided('No sparse structure was trained from scratch.')
  const evidence = `${compared
    .map(({ better, than, difference: d, pValue }) => `${than} ${signed(-d)} BLEU against ${better}${pText(pValue)}`)
    .join('; ')}.`
  if (compared.every(c => c.difference > 0 && c.pValue < SIGNIFICANCE)) return { verdict: 'holds', evidence }
  if (compared.some(c => c.difference < 0 && c.pValue < SIGNIFICANCE)) return { verdict: 'does not hold', evidence }
  return undecided(evidence)
}
