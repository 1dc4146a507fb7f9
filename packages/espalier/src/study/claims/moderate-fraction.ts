/** Claim 2. */
import { percent } from '../format.ts'
import type { Summary } from '../results.ts'
import {
  type Answer,
  type ClaimDefinition,
  effectText,
  failureText,
  findSummary,
  isLossless,
  NOTICEABLE,
  type StudyNumbers,
  TOLERANCE,
  undecided,
} from './claim.ts'
import { SIGNIFICANCE } from './statistics.ts'

export const moderateFractionClaim: ClaimDefinition = {
  number: 2,
  claim: 'A moderate fraction (40 %) goes without retraining at no loss.',
  paper: '40 % goes with hardly any loss on its large model; on its small one, as reported, 60 %.',
  answer: moderateFraction,
}

/** Holds where 40 % or more goes at no loss; does not hold where 40 % loses more than is tolerated, significantly. */
function moderateFraction(results: StudyNumbers): Answer {
  const dense = findSummary(results, 'dense')
  const steps = results.summaries
    .filter(({ group, name }) => group === 'pruned' && name === 'class-blind')
    .sort((a, b) => a.fraction - b.fraction)
  if (!dense || steps.length === 0) return undecided('Nothing was pruned without retraining.')
  const best = steps.filter(isLossless).at(-1)
  const at40 = steps.find(({ fraction }) => fraction === 0.4)
  const loss = ({ fraction, fromDense }: Summary) =>
    fromDense ? `; at ${percent(fraction)} ${effectText(fromDense)}` : ''
  const evidence =
    `${best ? `${percent(best.fraction)} is the highest level pruned class-blind` : 'No level pruned class-blind is'} at no loss ` +
    `(a mean within ${TOLERANCE} BLEU of the unpruned model's ${dense.bleu.mean.toFixed(2)}, a loss of ${NOTICEABLE} ruled out)` +
    `${[...new Set([at40, best])].map(each => (each ? loss(each) : '')).join('')}.` +
    failureText(results, ({ group }) => group === 'baseline')
  if (best && best.fraction >= 0.4) return { verdict: 'holds', evidence }
  const lost = at40?.fromDense && at40.fromDense.difference < -TOLERANCE && at40.fromDense.pValue < SIGNIFICANCE
  return lost ? { verdict: 'does not hold', evidence } : undecided(evidence)
}
