/** What a report opens with: what was done and what came out, for someone who has never heard of it. */

import { convergence } from '../../training/convergence.ts'
import { TOLERANCE } from '../claims/claim.ts'
import { escapeXml } from '../drawing.ts'
import type { MeasuredModel } from '../figures/measured.ts'
import { fixed, percent, signed } from '../format.ts'
import type { StudyResults } from '../results.ts'
import { tally } from './answers.ts'
import { testText } from './facts.ts'

export function openingHtml(results: StudyResults, models: readonly MeasuredModel[]): string {
  const state = results.complete
    ? ''
    : '<p class="verdict open">This study is not finished: experiments are still missing.</p>'
  return `<p class="lead">${done(results, models)}</p>
<p class="lead">${found(results, models)}</p>
${state}`
}

function done({ tests, seeds, configuration }: StudyResults, models: readonly MeasuredModel[]): string {
  const [dense] = models
  const { model } = configuration as { model?: { layers?: number; hidden?: number } }
  const size = dense ? `${(dense.weights / 1e6).toFixed(1)} million weights` : 'unknown size'
  const shape = model?.layers ? ` (LSTM, ${model.layers} + ${model.layers} layers of ${model.hidden} units)` : ''
  const count = (group: MeasuredModel['group']) => models.filter(each => each.group === group).length
  const trained = models.length - count('pruned') - count('baseline')
  return (
    `A translation model of ${size}${shape} was trained, then the weights that seem to matter least were set to zero: ` +
    `${count('pruned')} times without and ${trained} times with further training${seeds.length > 1 ? `, all of it from ${seeds.length} random beginnings` : ''}. Each model translated ${escapeXml(testText(tests))}; ` +
    'BLEU (0 to 100, more is better) says how near it comes to the reference translation. This puts to the test what ' +
    '<cite>Compression of Neural Machine Translation Models via Pruning</cite> (See, Luong &amp; Manning, CoNLL 2016) found.'
  )
}

function found({ claims }: StudyResults, models: readonly MeasuredModel[]): string {
  const [dense, ...others] = models
  if (!dense) return ''
  const sparsest = (group: (model: MeasuredModel) => boolean) =>
    others
      .filter(model => group(model) && model.sparsity > 0 && (model.fromDense?.difference ?? -Infinity) >= -TOLERANCE)
      .sort((a, b) => b.sparsity - a.sparsity)[0]
  const pruned = sparsest(({ group, name }) => group === 'pruned' && name === 'class-blind')
  const retrained = sparsest(({ group }) => group === 'retrained' || group === 'schedule')
  const part = (model: MeasuredModel | undefined, how: string) =>
    model
      ? `${how}, ${percent(model.sparsity)} of the weights go at no loss (${escapeXml(model.id)}: ${signed(model.fromDense?.difference ?? 0)} BLEU)`
      : `${how}, no fraction that was tried goes at no loss`
  return (
    `The unpruned model has ${fixed(dense.bleu.mean, 1)} BLEU. ${part(pruned, 'Without retraining')}; ${part(retrained, 'with retraining').replace('With', 'with')}. ` +
    `${convergenceText(dense)}Of the ${claims.length} claims ${tally(claims)}.`
  )
}

/** A warning that comes before any gain is believed. */
function convergenceText({ models }: MeasuredModel): string {
  const unfinished = models.find(({ epochs }) => epochs.length > 0 && !convergence(epochs).converged)
  if (!unfinished) return ''
  return '<strong>The unpruned model had not converged</strong>, so what is trained after it may gain by that training alone. '
}
