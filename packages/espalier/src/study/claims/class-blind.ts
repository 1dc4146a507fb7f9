/** Claim 1. */
import type { Comparison } from '../results.ts'
import {
  type Answer,
  type ClaimDefinition,
  effectText,
  failureText,
  findSummary,
  type StudyNumbers,
  undecided,
} from './claim.ts'
import { holmSignificant } from './statistics.ts'

export const classBlindClaim: ClaimDefinition = {
  number: 1,
  claim: 'Pruning by least magnitude over all classes (class-blind) loses least, at every level.',
  paper: 'Class-blind does best of the three, class-uniform worst; they are compared at every tenth.',
  answer: classBlindLosesLeast,
}

/** BLEU below which a model does not translate any more, so that comparing it means nothing. */
const BROKEN = 1

/** Holds where class-blind is better than each other scheme at some level, and worse than none at any (Holm over all pairs). */
function classBlindLosesLeast(results: StudyNumbers): Answer {
  const compared = results.comparisons.filter(({ better, than }) => {
    const [a, b] = [findSummary(results, better), findSummary(results, than)]
    return a?.group === 'pruned' && b?.group === 'pruned' && Math.max(a.bleu.mean, b.bleu.mean) >= BROKEN
  })
  if (compared.length === 0)
    return undecided('No two schemes were compared at a level at which models still translate.')
  const sure = holmSignificant(compared)
  const lost = sure.filter(({ difference }) => difference < 0)
  const schemeOf = ({ than }: Comparison) => findSummary(results, than)!.name
  const others = [...new Set(compared.map(schemeOf))].map(name => {
    const against = compared.filter(comparison => schemeOf(comparison) === name)
    const won = against.filter(comparison => comparison.difference > 0 && sure.includes(comparison))
    const most = against.reduce((best, each) => (each.difference > best.difference ? each : best))
    return { name, levels: against.length, won: won.length, most }
  })
  const evidence =
    `Class-blind is significantly (Holm) better than ${others
      .map(
        ({ name, levels, won, most }) =>
          `${name} at ${won} of ${levels} levels (at most ${effectText(most)}, ${most.better} against ${most.than})`,
      )
      .join(', ')}` +
    (lost.length > 0
      ? `, and worse than ${lost.map(each => `${each.than} (${effectText(each)})`).join(', ')}.`
      : ', and significantly worse at none.') +
    failureText(results, ({ group }) => group === 'baseline')
  if (lost.length > 0) return { verdict: 'does not hold', evidence }
  return others.every(({ won }) => won > 0) ? { verdict: 'holds', evidence } : undecided(evidence)
}
