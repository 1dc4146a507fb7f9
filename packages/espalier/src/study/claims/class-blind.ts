/** Claim 1. */

import { signed } from '../format.ts'
import { type Answer, type ClaimDefinition, findModel, type StudyNumbers, undecided } from './claim.ts'
import { holmSignificant } from './statistics.ts'

export const classBlindClaim: ClaimDefinition = {
  number: 1,
  claim: 'Pruning by least magnitude over all classes (class-blind) loses least, at every level.',
  paper: 'Class-blind does best of the three, class-uniform worst; they are compared at every tenth.',
  answer: classBlindLosesLeast,
}

/** BLEU below which a model does not translate any more, so that comparing it means nothing. */
const BROKEN = 1

function classBlindLosesLeast(results: StudyNumbers): Answer {
  const compared = results.comparisons.filter(({ better, than }) => {
    const [a, b] = [findModel(results, better), findModel(results, than)]
    return a?.group === 'pruned' && b?.group === 'pruned' && Math.max(a.bleu.score, b.bleu.score) >= BROKEN
  })
  if (compared.length === 0)
    return undecided('No two schemes were compared at a level at which models still translate.')
  const sure = holmSignificant(compared)
  const lost = sure.filter(c => c.difference < 0)
  const others = [...new Set(compared.map(({ than }) => findModel(results, than)!.name))].map(name => {
    const against = (some: typeof compared) => some.filter(({ than }) => findModel(results, than)!.name === name)
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
