/** Claim 5. */

import { percent } from '../format.ts'
import { type Answer, type ClaimDefinition, type StudyNumbers, undecided } from './claim.ts'
import { spearman } from './statistics.ts'

export const weightClassesClaim: ClaimDefinition = {
  number: 5,
  claim:
    'Classes differ: higher layers, attention and softmax suffer more than lower layers and embeddings, and what a class loses goes with the largest weight taken from it.',
  paper:
    'Deeper layers are more sensitive than early ones; higher layers, attention and softmax matter most, as reported.',
  answer: classesDiffer,
}

function classesDiffer({ sensitivity, breakdown, models, analysed }: StudyNumbers): Answer {
  const dense = models.find(({ id, seed }) => id === 'dense' && seed === analysed)
  const highest = Math.max(...sensitivity.map(({ fraction }) => fraction))
  const rise = new Map(
    sensitivity
      .filter(({ fraction }) => fraction === highest)
      .map(point => [point.name, Math.log(point.perplexity / (dense?.validPerplexity ?? 1))]),
  )
  if (!dense || rise.size === 0) return undecided('No sensitivity was measured.')
  const pairs: [sensitive: string, robust: string][] = []
  for (const side of ['source', 'target'])
    for (let l = 2; rise.has(`${side}-layer-${l}`); l++) pairs.push([`${side}-layer-${l}`, `${side}-layer-${l - 1}`])
  for (const sensitive of ['attention', 'softmax'])
    for (const robust of ['source-embedding', 'target-embedding'])
      if (rise.has(sensitive)) pairs.push([sensitive, robust])
  const agree = pairs.filter(([a, b]) => rise.get(a)! > rise.get(b)!)
  const correlation = spearman(
    breakdown.map(point => point.largestPruned),
    breakdown.map(point => point.perplexity),
  )
  const against = pairs.filter(pair => !agree.includes(pair)).map(([a, b]) => `${a} not more than ${b}`)
  const evidence =
    `With ${percent(highest)} of one class pruned, ${agree.length} of ${pairs.length} pairs of classes are in the paper's order` +
    `${against.length > 0 ? ` (${against.join(', ')})` : ''}. Perplexity and the largest deleted weight: rank correlation ${correlation.toFixed(2)} over ${breakdown.length} classes and schemes.`
  if (agree.length === pairs.length && correlation > 0.5) return { verdict: 'holds', evidence }
  return agree.length < pairs.length / 2 && correlation < 0.5
    ? { verdict: 'does not hold', evidence }
    : undecided(evidence)
}
