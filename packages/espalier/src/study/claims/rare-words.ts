/** Claim 6. */

import { percent } from '../format.ts'
import { type Answer, type ClaimDefinition, type StudyNumbers, undecided } from './claim.ts'
import { spearman } from './statistics.ts'

export const rareWordsClaim: ClaimDefinition = {
  number: 6,
  claim: "Rare words' embeddings lose most of their weights.",
  paper: "Rare words' embeddings are the most redundant, as reported.",
  answer: rareWordsAreRedundant,
}

function rareWordsAreRedundant({ redundancy }: StudyNumbers): Answer {
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
