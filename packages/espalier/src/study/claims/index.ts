/**
 * The paper's claims, each answered from a study's numbers: it holds, it does not, or these data cannot tell. A difference
 * counts where the paired bootstrap over seeds and sentences gives it less than 5 % probability by chance; where the best or the worst of many is
 * looked for, their number is taken into account.
 */
import type { Claim } from '../results.ts'
import { type ClaimDefinition, findSummary, type StudyNumbers, undecided } from './claim.ts'
import { classBlindClaim } from './class-blind.ts'
import { deeperLayersClaim } from './deeper-layers.ts'
import { fromScratchClaim } from './from-scratch.ts'
import { largeSparseClaim } from './large-sparse.ts'
import { moderateFractionClaim } from './moderate-fraction.ts'
import { rareWordsClaim } from './rare-words.ts'
import { retrainingClaim } from './retraining.ts'

export const CLAIMS: readonly ClaimDefinition[] = [
  classBlindClaim,
  moderateFractionClaim,
  retrainingClaim,
  fromScratchClaim,
  deeperLayersClaim,
  rareWordsClaim,
  largeSparseClaim,
]

/** BLEU below which the unpruned model has learnt too little for its losses to mean anything. */
const LEAST_BLEU = 5

/** Answers all claims. */
export function answerClaims(results: StudyNumbers): Claim[] {
  const dense = findSummary(results, 'dense')
  const undertrained =
    dense && dense.bleu.mean < LEAST_BLEU
      ? undecided(`The unpruned model itself has a BLEU of ${dense.bleu.mean.toFixed(2)}.`)
      : undefined
  return CLAIMS.map(({ number, claim, answer }) => ({ number, claim, ...(undertrained ?? answer(results)) }))
}
