/** Claim 2. */

import { percent, signed } from '../format.ts'
import type { ModelResult } from '../results.ts'
import {
  type Answer,
  bleuDifference,
  type ClaimDefinition,
  findModel,
  pText,
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

/** Models pruned class-blind by this group's experiments, in order of their fraction. */
function classBlindSweep(results: StudyNumbers, group: ModelResult['group']): ModelResult[] {
  return results.models
    .filter(model => model.group === group && model.name === 'class-blind')
    .sort((a, b) => a.fraction - b.fraction)
}

function moderateFraction(results: StudyNumbers): Answer {
  const dense = findModel(results, 'dense')
  const steps = classBlindSweep(results, 'pruned')
  if (!dense || steps.length === 0) return undecided('Nothing was pruned without retraining.')
  const lossless = steps.filter(model => bleuDifference(model, dense) >= -TOLERANCE)
  const best = lossless.at(-1)
  const at40 = steps.find(({ fraction }) => fraction === 0.4)
  const evidence =
    `${best ? `${percent(best.fraction)} is the highest level pruned class-blind` : 'No level pruned class-blind is'} within ${TOLERANCE} BLEU of the unpruned model's ${dense.bleu.score.toFixed(2)}` +
    (at40 ? `; at 40 % ${signed(bleuDifference(at40, dense))} BLEU${pText(at40.pValue)}.` : '.')
  if (best && best.fraction >= 0.4) return { verdict: 'holds', evidence }
  return at40 && (at40.pValue ?? 1) < SIGNIFICANCE ? { verdict: 'does not hold', evidence } : undecided(evidence)
}
