/** Claim 6. */
import { percent } from '../format.ts'
import { average } from '../statistics/average.ts'
import { meanInterval } from '../statistics/mean-interval.ts'
import { spearmanInterval } from '../statistics/rank-correlation.ts'
import type { RareWords, WordMatrix } from '../word-results.ts'
import { type Answer, type ClaimDefinition, type StudyNumbers, undecided } from './claim.ts'

export const rareWordsClaim: ClaimDefinition = {
  number: 6,
  claim: "Rare words' embeddings lose most of their weights.",
  paper: "Rare words' embeddings are the most redundant, as reported.",
  answer: rareWordsAreRedundant,
}

/** A rank correlation below this explains next to nothing. */
const WEAK = 0.1

type Correlation = 'frequencyAndKept' | 'updatesAndKept'

/** One matrix in the models of all seeds. */
class Seeds {
  constructor(
    readonly name: string,
    readonly matrices: readonly WordMatrix[],
  ) {}

  mean(key: Correlation | 'frequencyAndUpdates' | 'rareKept' | 'frequentKept'): number {
    return average(this.matrices.map(matrix => matrix[key]))
  }

  /** Of a rank correlation: over seeds, or of one seed over its words. */
  interval(key: Correlation): readonly [low: number, high: number] {
    const [{ words, [key]: first }] = this.matrices
    return meanInterval(this.matrices.map(matrix => matrix[key])).bounds ?? spearmanInterval(first, words)
  }

  /** Undefined where one of the two orders the words completely. */
  partial(key: 'frequencyBeyondUpdates' | 'updatesBeyondFrequency'): number | undefined {
    const found = this.matrices.flatMap(matrix => matrix[key] ?? [])
    return found.length === 0 ? undefined : average(found)
  }
}

function rareWordsAreRedundant({ rareWords = [] }: StudyNumbers): Answer {
  const [first] = rareWords
  if (!first) return undecided('It was not counted what words keep.')
  const matrices = first.matrices.map(({ name }) => seedsOf(rareWords, name))
  const embeddings = matrices.filter(({ name }) => name.endsWith('embedding'))
  const outputs = matrices.filter(matrix => !embeddings.includes(matrix))
  const evidence = [
    describeCorrelations(embeddings, rareWords),
    ...embeddings.map(matrix => describeHalves(matrix, first.fraction)),
    ...embeddings.map(describeExplanations),
    ...outputs.map(matrix => describeControl(matrix)),
  ].join(' ')
  return { verdict: verdictOf(embeddings, 1 - first.fraction), evidence }
}

const seedsOf = (rareWords: readonly RareWords[], name: string) =>
  new Seeds(
    name,
    rareWords.flatMap(({ matrices }) => matrices.filter(matrix => matrix.name === name)),
  )

/** @param kept share kept of all weights of the network */
function verdictOf(embeddings: readonly Seeds[], kept: number): Answer['verdict'] {
  const intervals = embeddings.map(matrix => matrix.interval('frequencyAndKept'))
  const fewest = embeddings.map(matrix => matrix.mean('rareKept') < kept)
  if (intervals.every(([low], i) => low > 0 && fewest[i])) return 'holds'
  return intervals.some(([, high], i) => high < 0 || !fewest[i]) ? 'does not hold' : 'undecided'
}

const rounded = (x: number) => x.toFixed(2).replace('-', '−')
const ranged = ([low, high]: readonly [number, number]) => `[${rounded(low)}, ${rounded(high)}]`

function describeCorrelations(embeddings: readonly Seeds[], { length: seeds }: readonly RareWords[]): string {
  const over = seeds > 1 ? `mean of ${seeds} seeds with its 95 % interval` : '95 % interval over words, one seed'
  const found = embeddings.map(
    matrix =>
      `${rounded(matrix.mean('frequencyAndKept'))} ${ranged(matrix.interval('frequencyAndKept'))} in the ${matrix.name}`,
  )
  return `A word's frequency and the share kept of its weights have a rank correlation of ${found.join(', ')} (${over}).`
}

function describeHalves(matrix: Seeds, fraction: number): string {
  return (
    `${matrix.name}: with ${percent(fraction)} of all weights pruned the rarer half of the words keeps ` +
    `${percent(matrix.mean('rareKept'))} of its weights, the other half ${percent(matrix.mean('frequentKept'))}.`
  )
}

/** Frequency against the number of updates that reached a row. */
function describeExplanations(matrix: Seeds): string {
  const updates = `${matrix.name}: with the share of updates that a row got, the correlation is ${rounded(matrix.mean('updatesAndKept'))}`
  const [frequency, reached] = [matrix.partial('frequencyBeyondUpdates'), matrix.partial('updatesBeyondFrequency')]
  if (frequency === undefined || reached === undefined) return `${updates}; the two order words alike.`
  const tellsApart = Math.max(Math.abs(frequency), Math.abs(reached)) >= WEAK
  return (
    `${updates}; held constant in turn, frequency is left with ${rounded(frequency)} and updates with ${rounded(reached)} ` +
    `(the two correlate by ${matrix.mean('frequencyAndUpdates').toFixed(3)}${tellsApart ? '' : ', so that this cannot tell them apart'}).`
  )
}

/** Every row of the output layer gets a gradient in every update. */
function describeControl(matrix: Seeds): string {
  const found = matrix.interval('frequencyAndKept')
  const conclusion =
    found[0] > 0
      ? 'rare words lose more there too, so updates alone do not explain it'
      : 'rare words do not lose more there, which speaks for updates as the explanation'
  return (
    `${matrix.name}, whose rows all get a gradient in every update: the rarer half keeps ${percent(matrix.mean('rareKept'))}, ` +
    `the other ${percent(matrix.mean('frequentKept'))}, correlation ${rounded(matrix.mean('frequencyAndKept'))} ${ranged(found)}: ${conclusion}.`
  )
}
