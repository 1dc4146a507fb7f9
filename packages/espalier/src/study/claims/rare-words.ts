/** Claim 6. */
import { percent } from '../format.ts'
import type { StudyResults } from '../results.ts'
import { type Answer, type ClaimDefinition, type StudyNumbers, undecided } from './claim.ts'
import { spearman } from './statistics.ts'

export const rareWordsClaim: ClaimDefinition = {
  number: 6,
  claim: "Rare words' embeddings lose most of their weights.",
  paper: "Rare words' embeddings are the most redundant, as reported.",
  answer: rareWordsAreRedundant,
}

/** A rank correlation beyond this counts as a tendency. */
const CLEAR = 0.5

type Embeddings = StudyResults['redundancy'][number]['embeddings']

/** Holds where words of lower frequency keep clearly less in each embedding and from every seed; does not where they keep more. */
function rareWordsAreRedundant({ redundancy }: StudyNumbers): Answer {
  if (redundancy.length === 0) return undecided('No mask was looked at.')
  const names = [...new Set(redundancy[0].embeddings.map(({ name }) => name))]
  const tendencies = names.map(name => ({
    name,
    seeds: redundancy.map(({ embeddings }) => tendencyOf(embeddings.filter(band => band.name === name))),
  }))
  const evidence = tendencies
    .map(({ name, seeds }) => {
      const over = (value: (seed: (typeof seeds)[number]) => number) => seeds.map(value)
      return (
        `${name}: ${percent(mean(over(({ frequent }) => frequent)))} of the most frequent words' weights are kept, ` +
        `${percent(mean(over(({ rare }) => rare)))} of the rarest; rank correlation of rank and share kept ${rangeText(over(({ correlation }) => correlation))}.`
      )
    })
    .join(' ')
  const all = tendencies.flatMap(({ seeds }) => seeds.map(({ correlation }) => correlation))
  if (all.every(correlation => correlation < -CLEAR)) return { verdict: 'holds', evidence }
  return all.every(correlation => correlation > 0) ? { verdict: 'does not hold', evidence } : undecided(evidence)
}

const tendencyOf = (bands: Embeddings) => ({
  frequent: bands[0].kept,
  rare: bands[bands.length - 1].kept,
  correlation: spearman(
    bands.map(({ from }) => from),
    bands.map(({ kept }) => kept),
  ),
})

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length

/** A mean with the range of the seeds, where there are several. */
const rangeText = (numbers: readonly number[]) =>
  mean(numbers).toFixed(2) +
  (numbers.length > 1 ? ` [${Math.min(...numbers).toFixed(2)}, ${Math.max(...numbers).toFixed(2)}] over the seeds` : '')
