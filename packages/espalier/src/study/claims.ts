/**
 * The paper's claims, each answered from a study's numbers: it holds, it does not, or these data cannot tell. A
 * difference counts where the paired bootstrap gives it less than 5 % probability by chance; where the best or the worst
 * of many is looked for, their number is taken into account.
 */
import type { Claim, ModelResult, StudyResults } from './results.ts'

const SIGNIFICANT = 0.05
/** BLEU below which a model does not translate any more, so that comparing it means nothing. */
const BROKEN = 1
/** BLEU that counts as no loss. */
const TOLERANCE = 0.2

type Numbers = Omit<StudyResults, 'claims'>
type Answer = Pick<Claim, 'verdict' | 'evidence'>

const CLAIMS: readonly { claim: string; answer(results: Numbers): Answer }[] = [
  {
    claim: 'Pruning by least magnitude over all classes (class-blind) loses least, at every level.',
    answer: classBlindLosesLeast,
  },
  { claim: 'A moderate fraction (40 %) goes without retraining at no loss.', answer: moderateFraction },
  {
    claim: 'With retraining, 80 % goes at no loss, and some pruned and retrained models beat the original.',
    answer: retrainingRestores,
  },
  {
    claim: 'The same sparse structure trained from scratch does worse than train, prune, retrain.',
    answer: scratchIsWorse,
  },
  {
    claim:
      'Classes differ: higher layers, attention and softmax suffer more than lower layers and embeddings, and what a class loses goes with the largest weight taken from it.',
    answer: classesDiffer,
  },
  { claim: "Rare words' embeddings lose most of their weights.", answer: rareWordsAreRedundant },
]

/** BLEU below which an unpruned model has not learnt enough for its losses to mean anything. */
const LEARNT = 5

/** Answers all claims. */
export function answerClaims(results: Numbers): Claim[] {
  const dense = find(results, 'dense')
  const untaught =
    dense && dense.bleu.score < LEARNT
      ? undecided(`The unpruned model itself has a BLEU of ${dense.bleu.score.toFixed(2)}.`)
      : undefined
  return CLAIMS.map(({ claim, answer }, i) => ({ number: i + 1, claim, ...(untaught ?? answer(results)) }))
}

const undecided = (evidence: string): Answer => ({ verdict: 'undecided', evidence })
const find = ({ models }: Numbers, id: string) => models.find(model => model.id === id)
const percent = (fraction: number) => `${Number((100 * fraction).toFixed(1))} %`
const signed = (x: number) => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(2)}`
const p = (value: number | undefined) => (value === undefined ? '' : ` (p = ${value.toFixed(3)})`)

function classBlindLosesLeast(results: Numbers): Answer {
  const compared = results.comparisons.filter(({ better, than }) => {
    const [a, b] = [find(results, better), find(results, than)]
    return a?.group === 'pruned' && b?.group === 'pruned' && Math.max(a.bleu.score, b.bleu.score) >= BROKEN
  })
  if (compared.length === 0)
    return undecided('No two schemes were compared at a level at which models still translate.')
  const sure = significant(compared)
  const lost = sure.filter(c => c.difference < 0)
  const others = [...new Set(compared.map(({ than }) => find(results, than)!.name))].map(name => {
    const against = (some: typeof compared) => some.filter(({ than }) => find(results, than)!.name === name)
    return { name, levels: against(compared).length, won: against(sure).filter(c => c.difference > 0).length }
  })
  const evidence =
    `Class-blind is significantly (Holm) better than ${others.map(({ name, levels, won }) => `${name} at ${won} of ${levels} levels`).join(', ')}` +
    (lost.length > 0
      ? `, and worse than ${lost.map(c => `${c.than} (${signed(c.difference)})`).join(', ')}.`
      : ', and significantly worse at none.')
  if (lost.length > 0) return { verdict: 'does not hold', evidence }
  return others.every(({ won }) => won > 0) ? { verdict: 'holds', evidence } : undecided(evidence)
}

/**
 * Those of several differences that are significant together: the probability that any of them is there by chance is
 * less than 5 % (Holm 1979).
 */
function significant<T extends { readonly pValue?: number }>(family: readonly T[]): T[] {
  const sorted = [...family].sort((a, b) => (a.pValue ?? 1) - (b.pValue ?? 1))
  const first = sorted.findIndex(({ pValue = 1 }, i) => pValue >= SIGNIFICANT / (sorted.length - i))
  return first < 0 ? sorted : sorted.slice(0, first)
}

/** Models pruned class-blind by this group's experiments, in order of their fraction. */
function ladder(results: Numbers, group: ModelResult['group']): ModelResult[] {
  return results.models
    .filter(model => model.group === group && model.name === 'class-blind')
    .sort((a, b) => a.fraction - b.fraction)
}

function difference(model: ModelResult, dense: ModelResult): number {
  return model.bleu.score - dense.bleu.score
}

function moderateFraction(results: Numbers): Answer {
  const dense = find(results, 'dense')
  const steps = ladder(results, 'pruned')
  if (!dense || steps.length === 0) return undecided('Nothing was pruned without retraining.')
  const lossless = steps.filter(model => difference(model, dense) >= -TOLERANCE)
  const best = lossless.at(-1)
  const at40 = steps.find(({ fraction }) => fraction === 0.4)
  const evidence =
    `${best ? `${percent(best.fraction)} is the highest level` : 'No level is'} within ${TOLERANCE} BLEU of the unpruned model's ${dense.bleu.score.toFixed(2)}` +
    (at40 ? `; at 40 % ${signed(difference(at40, dense))} BLEU${p(at40.pValue)}.` : '.')
  if (best && best.fraction >= 0.4) return { verdict: 'holds', evidence }
  return at40 && (at40.pValue ?? 1) < SIGNIFICANT ? { verdict: 'does not hold', evidence } : undecided(evidence)
}

function retrainingRestores(results: Numbers): Answer {
  const dense = find(results, 'dense')
  const retrained = results.models.filter(({ group }) => group === 'retrained' || group === 'schedule')
  if (!dense || retrained.length === 0) return undecided('Nothing was retrained.')
  const lossless = retrained
    .filter(model => model.sparsity > 0 && difference(model, dense) >= -TOLERANCE)
    .sort((a, b) => a.sparsity - b.sparsity)
    .at(-1)
  const above = retrained
    .filter(model => model.sparsity > 0 && difference(model, dense) > 0)
    .sort((a, b) => (a.pValue ?? 1) - (b.pValue ?? 1))
  // What training on alone gives is not pruning's merit.
  const controls = results.models.filter(({ group }) => group === 'control')
  const sure = significant(retrained.filter(model => model.sparsity > 0)).filter(
    model => above.includes(model) && controls.every(({ bleu }) => model.bleu.score > bleu.score),
  )
  const best = above[0]
  const fits = best && dense.epochs.length > 0 && best.epochs.length > 0 ? regularises(best, dense) : ''
  const evidence =
    (lossless
      ? `The sparsest model within ${TOLERANCE} BLEU of the unpruned one is ${lossless.id}, ${percent(lossless.sparsity)} gone (${signed(difference(lossless, dense))}).`
      : `No retrained model is within ${TOLERANCE} BLEU of the unpruned one.`) +
    (best
      ? ` ${above.length} models score above it, ${sure.length} significantly (Holm); most surely ${best.id} by ${signed(difference(best, dense))}${p(best.pValue)}.${fits}`
      : ' No pruned and retrained model scores above it.') +
    controls
      .map(model => ` Unpruned and trained on, ${model.id}: ${signed(difference(model, dense))}${p(model.pValue)}.`)
      .join('')
  const restored = lossless !== undefined && lossless.sparsity >= 0.795
  if (restored && sure.length > 0) return { verdict: 'holds', evidence }
  const at80 = retrained.filter(model => Math.abs(model.sparsity - 0.8) < 0.01)
  const clearlyLost =
    at80.length > 0 && at80.every(model => difference(model, dense) < -TOLERANCE && (model.pValue ?? 1) < SIGNIFICANT)
  return clearlyLost ? { verdict: 'does not hold', evidence } : undecided(evidence)
}

function regularises(model: ModelResult, dense: ModelResult): string {
  const [ours, theirs] = [model.epochs.at(-1)!, dense.epochs.at(-1)!]
  return (
    ` Its perplexity on the training text is ${ours.trainPerplexity.toFixed(2)} against ${theirs.trainPerplexity.toFixed(2)},` +
    ` on validation text ${ours.validPerplexity.toFixed(2)} against ${theirs.validPerplexity.toFixed(2)}.`
  )
}

function scratchIsWorse(results: Numbers): Answer {
  const compared = results.comparisons.filter(({ than }) => find(results, than)?.group === 'scratch')
  if (compared.length === 0) return undecided('No sparse structure was trained from scratch.')
  const evidence = `${compared
    .map(({ better, than, difference: d, pValue }) => `${than} ${signed(-d)} BLEU against ${better}${p(pValue)}`)
    .join('; ')}.`
  if (compared.every(c => c.difference > 0 && c.pValue < SIGNIFICANT)) return { verdict: 'holds', evidence }
  if (compared.some(c => c.difference < 0 && c.pValue < SIGNIFICANT)) return { verdict: 'does not hold', evidence }
  return undecided(evidence)
}

function classesDiffer({ sensitivity, breakdown, models }: Numbers): Answer {
  const dense = models.find(({ id }) => id === 'dense')
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
    `With ${percent(highest)} of one class gone, ${agree.length} of ${pairs.length} pairs of classes are in the paper's order` +
    `${against.length > 0 ? ` (${against.join(', ')})` : ''}. Perplexity and the largest deleted weight: rank correlation ${correlation.toFixed(2)} over ${breakdown.length} classes and schemes.`
  if (agree.length === pairs.length && correlation > 0.5) return { verdict: 'holds', evidence }
  return agree.length < pairs.length / 2 && correlation < 0.5
    ? { verdict: 'does not hold', evidence }
    : undecided(evidence)
}

function rareWordsAreRedundant({ redundancy }: Numbers): Answer {
  if (!redundancy) return undecided('No mask was looked at.')
  const names = [...new Set(redundancy.embeddings.map(({ name }) => name))]
  const correlations = names.map(name => {
    const bands = redundancy.embeddings.filter(band => band.name === name)
    const kept = `${percent(bands[0].kept)} of the most frequent words' weights are kept, ${percent(bands.at(-1)!.kept)} of the rarest`
    return {
      name,
      kept,
      value: spearman(
        bands.map(({ from }) => from),
        bands.map(band => band.kept),
      ),
    }
  })
  const evidence = `${correlations
    .map(({ name, kept, value }) => `${name}: ${kept}; rank correlation of rank and share kept ${value.toFixed(2)}`)
    .join('. ')}.`
  if (correlations.every(({ value }) => value < -0.5)) return { verdict: 'holds', evidence }
  return correlations.every(({ value }) => value > 0) ? { verdict: 'does not hold', evidence } : undecided(evidence)
}

/** Spearman's rank correlation; 0 where one side does not vary. */
export function spearman(xs: readonly number[], ys: readonly number[]): number {
  const [a, b] = [ranks(xs), ranks(ys)]
  const mean = (a.length + 1) / 2
  let [covariance, va, vb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    covariance += (a[i] - mean) * (b[i] - mean)
    va += (a[i] - mean) ** 2
    vb += (b[i] - mean) ** 2
  }
  return va === 0 || vb === 0 ? 0 : covariance / Math.sqrt(va * vb)
}

/** Ranks from 1; equal numbers share the mean of theirs. */
function ranks(xs: readonly number[]): number[] {
  const sorted = [...xs].sort((a, b) => a - b)
  return xs.map(x => (sorted.indexOf(x) + sorted.lastIndexOf(x)) / 2 + 1)
}
