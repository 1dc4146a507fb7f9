/** Claim 3. */

import { percent } from '../format.ts'
import { CONTROL_NAMES } from '../planned-model.ts'
import type { Comparison, Summary } from '../results.ts'
import { type Cause, causesText } from './causes.ts'
import {
  type Answer,
  againstConverged,
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
import { holmSignificant, SIGNIFICANCE } from './statistics.ts'

export const retrainingClaim: ClaimDefinition = {
  number: 3,
  claim: 'With retraining, 80 % goes at no loss, and some pruned and retrained models beat the original.',
  paper:
    '80 % goes with no loss after retraining, and the retrained models surpass the original; on the small model, as reported, 90 %.',
  answer: results => againstConverged(results, retrainingRestores(results)),
}

/** What counts as 80 %: masks of blocks and patterns may be a little off. */
const EIGHTY = 0.795

/**
 * Holds where a model of 80 % or more is at no loss and a pruned and retrained model beats the unpruned one; does not hold where all
 * of 80 % lose significantly. What training on alone gives is not pruning's merit: a model that is to beat the unpruned one has
 * to beat each control, too, so its p is the largest of these (an intersection-union test, Berger 1982), then Holm over models.
 */
function retrainingRestores(results: StudyNumbers): Answer {
  const sparse = results.summaries.filter(
    ({ group, sparsity }) => (group === 'retrained' || group === 'schedule') && sparsity > 0,
  )
  const missing = failureText(results, ({ group }) => group !== 'pruned' && group !== 'scratch')
  if (!findSummary(results, 'dense') || sparse.length === 0) return undecided(`Nothing was retrained.${missing}`)
  const lossless = sparse
    .filter(isLossless)
    .sort((a, b) => a.sparsity - b.sparsity)
    .at(-1)
  const beaten = holmSignificant(sparse.map(summary => ({ summary, ...surelyAbove(summary, results) })))
  const above = beaten.filter(({ everywhere }) => everywhere)
  const evidence = [
    lossless
      ? `The sparsest model at no loss (a mean within ${TOLERANCE} BLEU, a loss of ${NOTICEABLE} ruled out) is ${lossless.id}, ${percent(lossless.sparsity)} pruned: ${effectText(lossless.fromDense!)}.`
      : `No retrained model is at no loss (a mean within ${TOLERANCE} BLEU of the unpruned one, a loss of ${NOTICEABLE} ruled out).`,
    bestText(sparse, above.length),
    perplexityText(sparse, results),
  ]
    .filter(Boolean)
    .join(' ')
    .concat(causesText(causesOf(sparse, results)))
  if (lossless && lossless.sparsity >= EIGHTY && above.length > 0)
    return { verdict: 'holds', evidence: evidence + missing }
  const at80 = sparse.filter(({ sparsity }) => Math.abs(sparsity - 0.8) < 0.01)
  const lost = ({ fromDense: d }: Summary) => d && d.difference < -TOLERANCE && d.pValue < SIGNIFICANCE
  return at80.length > 0 && at80.every(lost)
    ? { verdict: 'does not hold', evidence: evidence + missing }
    : undecided(evidence + missing)
}

/** Whether a model scores above the unpruned one and every control, and the largest p of these comparisons. */
function surelyAbove({ id, fromDense }: Summary, results: StudyNumbers): { everywhere: boolean; pValue: number } {
  const isControl = ({ than }: Comparison) => findSummary(results, than)?.group === 'control'
  const controls = results.comparisons.filter(each => each.better === id && isControl(each))
  const all = [...(fromDense ? [fromDense] : []), ...controls]
  return {
    everywhere: all.length > 0 && all.every(({ difference }) => difference > 0),
    pValue: Math.max(0, ...all.map(({ pValue }) => pValue)),
  }
}

/** The model that gains most, or loses least. */
const bestOf = (sparse: readonly Summary[]) =>
  sparse.reduce((a, b) => ((b.fromDense?.difference ?? 0) > (a.fromDense?.difference ?? 0) ? b : a))

function bestText(sparse: readonly Summary[], above: number): string {
  const best = bestOf(sparse)
  if (!best.fromDense || best.fromDense.difference <= 0) return 'No pruned and retrained model scores above it.'
  return `Of ${sparse.length} models ${above} score above it and all controls significantly (Holm); the best is ${best.id}: ${effectText(best.fromDense)}.`
}

/**
 * Whether pruning regularises: the pruned model then knows the training text less well and the validation text better than the
 * unpruned one that was trained as long.
 */
function perplexityText(sparse: readonly Summary[], results: StudyNumbers): string {
  const best = bestOf(sparse)
  const others = results.summaries.filter(({ id, group }) => id === 'dense' || group === 'control')
  const both = ({ id, trainPerplexity, validPerplexity }: Summary) =>
    `${id} ${trainPerplexity.mean.toFixed(2)} / ${validPerplexity.mean.toFixed(2)}`
  const regularises = others.every(
    other =>
      best.trainPerplexity.mean > other.trainPerplexity.mean && best.validPerplexity.mean < other.validPerplexity.mean,
  )
  return (
    `Perplexity without dropout on training / validation text: ${[best, ...others].map(both).join(', ')}: ` +
    (regularises
      ? 'it knows the training text less well and validation text better, as with a regulariser.'
      : 'not what a regulariser does, which would know the training text less well and validation text better.')
  )
}

/** What a gain of the best model may come from: more training, less dropout, pruning. */
function causesOf(sparse: readonly Summary[], results: StudyNumbers): Cause[] {
  const causes: Cause[] = []
  const controls = results.summaries.filter(({ group }) => group === 'control')
  for (const { id, fromDense } of controls)
    if (id !== CONTROL_NAMES.lessDropout && fromDense)
      causes.push({ name: 'more training', compared: `${id} against dense`, effect: fromDense })
  const ofControls = (effect: Comparison) => findSummary(results, effect.better)?.group === 'control'
  for (const effect of results.comparisons.filter(ofControls))
    causes.push({ name: 'less dropout', compared: `${effect.better} against ${effect.than}`, effect })
  const strongest = controls.reduce<Summary | undefined>((a, b) => (a && a.bleu.mean >= b.bleu.mean ? a : b), undefined)
  const best = bestOf(sparse)
  const effect = results.comparisons.find(({ better, than }) => better === best.id && than === strongest?.id)
  if (effect) causes.push({ name: 'pruning', compared: `${effect.better} against ${effect.than}`, effect })
  return causes
}
