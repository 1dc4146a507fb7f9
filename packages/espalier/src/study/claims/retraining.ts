/** Claim 3. */

import { percent, signed } from '../format.ts'
import type { ModelResult } from '../results.ts'
import {
  type Answer,
  againstConverged,
  bleuDifference,
  type ClaimDefinition,
  findModel,
  pText,
  type StudyNumbers,
  TOLERANCE,
  undecided,
} from './claim.ts'
import { holmSignificant, SIGNIFICANCE } from './statistics.ts'

export const retrainingClaim: ClaimDefinition = {
  number: 3,
  claim: 'With retraining, 80 % goes at no loss, and some pruned and retrained models beat the original.',
  paper:
    '80 % goes with no loss after retraining, and the retrained models surpass the original; on the small model, as reported, 90 %.',
  answer: results => againstConverged(results, retrainingRestores(results)),
}

function retrainingRestores(results: StudyNumbers): Answer {
  const dense = findModel(results, 'dense')
  const retrained = results.models.filter(({ group }) => group === 'retrained' || group === 'schedule')
  if (!dense || retrained.length === 0) return undecided('Nothing was retrained.')
  const lossless = retrained
    .filter(model => model.sparsity > 0 && bleuDifference(model, dense) >= -TOLERANCE)
    .sort((a, b) => a.sparsity - b.sparsity)
    .at(-1)
  const above = retrained
    .filter(model => model.sparsity > 0 && bleuDifference(model, dense) > 0)
    .sort((a, b) => (a.pValue ?? 1) - (b.pValue ?? 1))
  // What training on alone gives is not pruning's merit.
  const controls = results.models.filter(({ group }) => group === 'control')
  const sure = holmSignificant(retrained.filter(model => model.sparsity > 0)).filter(
    model => above.includes(model) && controls.every(({ bleu }) => model.bleu.score > bleu.score),
  )
  const best = above[0]
  const fits = best && dense.epochs.length > 0 && best.epochs.length > 0 ? regularises(best, dense) : ''
  const evidence =
    (lossless
      ? `The sparsest model within ${TOLERANCE} BLEU of the unpruned one is ${lossless.id}, ${percent(lossless.sparsity)} pruned (${signed(bleuDifference(lossless, dense))}).`
      : `No retrained model is within ${TOLERANCE} BLEU of the unpruned one.`) +
    (best
      ? ` ${above.length} models score above it, ${sure.length} significantly (Holm); most surely ${best.id} by ${signed(bleuDifference(best, dense))}${pText(best.pValue)}.${fits}`
      : ' No pruned and retrained model scores above it.') +
    controls
      .map(
        model =>
          ` Unpruned and trained on, ${model.id}: ${signed(bleuDifference(model, dense))}${pText(model.pValue)}.`,
      )
      .join('')
  const restored = lossless !== undefined && lossless.sparsity >= 0.795
  if (restored && sure.length > 0) return { verdict: 'holds', evidence }
  const at80 = retrained.filter(model => Math.abs(model.sparsity - 0.8) < 0.01)
  const clearlyLost =
    at80.length > 0 &&
    at80.every(model => bleuDifference(model, dense) < -TOLERANCE && (model.pValue ?? 1) < SIGNIFICANCE)
  return clearlyLost ? { verdict: 'does not hold', evidence } : undecided(evidence)
}

function regularises(model: ModelResult, dense: ModelResult): string {
  const [ours, theirs] = [model.epochs.at(-1)!, dense.epochs.at(-1)!]
  return (
    ` Its perplexity on the training text is ${ours.trainPerplexity.toFixed(2)} against ${theirs.trainPerplexity.toFixed(2)},` +
    ` on validation text ${ours.validPerplexity.toFixed(2)} against ${theirs.validPerplexity.toFixed(2)}.`
  )
}
