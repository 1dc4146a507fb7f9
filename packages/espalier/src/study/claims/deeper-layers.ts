/** Claim 5. */
import { percent } from '../format.ts'
import type { LayerLosses } from '../layer-results.ts'
import { average } from '../statistics/average.ts'
import { groupBy } from '../statistics/group-by.ts'
import { meanInterval } from '../statistics/mean-interval.ts'
import { type Trend, trend } from '../statistics/trend.ts'
import { type Answer, type ClaimDefinition, failureText, type StudyNumbers, undecided } from './claim.ts'
import { explanations, retrainedLosses, STACKS, type StackLosses, stackLosses } from './layer-trends.ts'
import { SIGNIFICANCE } from './statistics.ts'

export const deeperLayersClaim: ClaimDefinition = {
  number: 5,
  claim: 'Deeper layers are more sensitive to pruning than early ones.',
  paper:
    'Deeper layers are more sensitive than early ones, even to the loss of low-magnitude weights; higher layers, attention and softmax matter most, as reported.',
  answer: deeperLayersLoseMore,
}

/** A loss in nats a word. */
const nats = (x: number) => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(3)}`
const rounded = (x: number) => x.toFixed(2).replace('-', '−')
const probability = (p: number) => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`)

function deeperLayersLoseMore(results: StudyNumbers): Answer {
  const { layers = [] } = results
  const stacks = stackLosses(layers, 'fraction')
  const all = trendOf(stacks)
  if (layers.length === 0) return undecided('No layer was pruned alone.')
  if (!all) return undecided('Neither the encoder nor the decoder has a second layer.')
  const evidence = [
    describeTrend(stacks, all),
    describeLosses(stacks, layers),
    describeOthers(results, layers),
    describeMagnitude(layers, all),
  ]
  return { verdict: verdictOf(stacks, all), evidence: evidence.filter(Boolean).join(' ') }
}

const trendOf = (stacks: readonly StackLosses[]) => trend(stacks.map(({ losses }) => losses))
const ofStack = (stacks: readonly StackLosses[], stack: string) => stacks.filter(one => one.stack === stack)

const rises = ({ correlation, pValue }: Trend, level = SIGNIFICANCE) => correlation > 0 && pValue < level
const falls = ({ correlation, pValue }: Trend, level = SIGNIFICANCE) => correlation < 0 && pValue < level

/** It holds for a network only if neither of its stacks goes the other way; one stack that surely does is enough against it. */
function verdictOf(stacks: readonly StackLosses[], all: Trend): Answer['verdict'] {
  const each = STACKS.flatMap(stack => trendOf(ofStack(stacks, stack)) ?? [])
  if (falls(all) || each.some(one => falls(one, SIGNIFICANCE / each.length))) return 'does not hold'
  return rises(all) && each.every(({ correlation }) => correlation > 0) ? 'holds' : 'undecided'
}

function describeLosses(stacks: readonly StackLosses[], layers: readonly LayerLosses[]): string {
  const levels = [
    ...new Set(layers.flatMap(({ points }) => points.filter(p => p.gate === undefined).map(p => p.level))),
  ]
  const losses = STACKS.flatMap(stack => {
    const own = ofStack(stacks, stack)
    if (own.length === 0) return []
    const means = own[0].losses.map((_, i) => nats(average(own.map(one => one.losses[i]))))
    return [`in the ${stack} ${means.join(', ')}`]
  })
  const range = levels.length > 1 ? `, mean of ${percent(Math.min(...levels))} to ${percent(Math.max(...levels))}` : ''
  return `One layer pruned alone${range}, from the lowest layer up, raises log perplexity (nats a word) ${losses.join('; ')}.`
}

function describeTrend(stacks: readonly StackLosses[], all: Trend): string {
  const bySeed = [...groupBy(stacks, ({ seed }) => seed).values()].map(own => trendOf(own)?.slope ?? 0)
  const { mean, bounds } = meanInterval(bySeed)
  const seeds = bounds
    ? ` [${nats(bounds[0])}, ${nats(bounds[1])}] (mean of ${bySeed.length} seeds with its 95 % interval`
    : ' (one seed'
  const each = STACKS.flatMap(stack => {
    const own = trendOf(ofStack(stacks, stack))
    return own ? [`${stack} ${nats(own.slope)}`] : []
  })
  return (
    `From a layer to the next deeper one, what pruning it alone loses changes by ${nats(mean)} nats a word${seeds}; ${each.join(', ')}), ` +
    `rank correlation with depth ${rounded(all.correlation)}, Page's trend test ${probability(all.pValue)}.`
  )
}

/** The same question asked in two other ways. */
function describeOthers(results: StudyNumbers, layers: readonly LayerLosses[]): string {
  const retrained = trendOf(retrainedLosses(layers, results.models))
  if (!retrained) return ''
  return `After a short retraining it changes by ${nats(retrained.slope)} (${probability(retrained.pValue)}).${failureText(results, ({ group }) => group === 'layer')}`
}

function describeMagnitude(layers: readonly LayerLosses[], all: Trend): string {
  const { between, within } = explanations(layers)
  const threshold = trendOf(stackLosses(layers, 'threshold'))
  const sentences: string[] = []
  if (threshold) {
    const found = `Where every layer loses the weights below one magnitude it changes by ${nats(threshold.slope)} (${probability(threshold.pValue)})`
    const depth = rises(all) && rises(threshold)
    const magnitude = rises(all) && !rises(threshold)
    sentences.push(
      `${found}${depth ? ': depth counts beyond magnitude' : magnitude ? ': what tells the layers apart may be magnitude alone' : ''}.`,
    )
  }
  if (between)
    sentences.push(
      `Between the layers of a stack, losses have a rank correlation of ${rounded(between.depth)} with depth, ${rounded(between.largest)} with the largest weight taken and ${rounded(between.norm)} with the norm of what is taken` +
        (within
          ? `; between the gates and halves within a layer, of ${rounded(within.largest)} and ${rounded(within.norm)} with the two.`
          : '.'),
    )
  return sentences.join(' ')
}
