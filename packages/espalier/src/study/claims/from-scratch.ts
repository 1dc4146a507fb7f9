/** Claim 4. */
import { convergence } from '../../training/convergence.ts'
import { SCRATCH_NAMES, type ScratchKind } from '../planned-model.ts'
import type { Comparison, Summary } from '../results.ts'
import { type Cause, causesText } from './causes.ts'
import {
  type Answer,
  againstConverged,
  type ClaimDefinition,
  effectText,
  failureText,
  findSummary,
  type StudyNumbers,
  undecided,
} from './claim.ts'
import { holmSignificant } from './statistics.ts'

export const fromScratchClaim: ClaimDefinition = {
  number: 4,
  claim: 'The same sparse structure trained from scratch does worse than train, prune, retrain.',
  paper: 'Trained with the sparse structure from the outset, the model does worse than pruned and retrained.',
  answer: results => againstConverged(results, scratchIsWorse(results)),
}

/**
 * Holds where it is worse at all levels with new initial weights; does not hold where it is better at one (Holm over the levels).
 * The other kinds only tell why.
 */
function scratchIsWorse(results: StudyNumbers): Answer {
  const compared = results.comparisons.filter(
    ({ better, than }) => findSummary(results, better)?.group === 'retrained' && isKind(results, than, 'scratch'),
  )
  const missing = failureText(results, ({ group }) => group === 'scratch' || group === 'retrained')
  if (compared.length === 0)
    return undecided(`No sparse structure was trained from scratch, with new initial weights.${missing}`)
  const sure = holmSignificant(compared)
  const effects = compared.map(each => `${each.better} against ${each.than}: ${effectText(each)}`).join('; ')
  const times = compared.map(each => timeText(results, each)).join('')
  const evidence = `${effects}.${times}${causesText(causesOf(results))}${missing}`
  if (compared.every(each => each.difference > 0 && sure.includes(each))) return { verdict: 'holds', evidence }
  if (sure.some(({ difference }) => difference < 0)) return { verdict: 'does not hold', evidence }
  return undecided(evidence)
}

const isKind = (results: StudyNumbers, id: string, kind: ScratchKind) => {
  const summary = findSummary(results, id)
  return summary?.group === 'scratch' && summary.name === SCRATCH_NAMES[kind]
}

/** Whether it was for want of training: how long each was trained, and whether more would have brought anything. */
function timeText(results: StudyNumbers, { better, than, seeds }: Comparison): string {
  const of = (id: string) => results.models.filter(model => model.id === id && seeds.includes(model.seed))
  const scratch = of(than)
  if (scratch.some(({ epochs }) => epochs.length === 0) || scratch.length === 0) return ''
  const epochs = (id: string) => mean(of(id).map(model => model.epochs.at(-1)?.epoch ?? 0))
  const [given, others] = [epochs(than), epochs('dense') + epochs(better)]
  const rest = scratch.every(model => convergence(model.epochs).converged)
  const time = given >= others || rest ? '' : ', and had not converged: that it was trained less may be a reason'
  return ` ${than} was trained for ${round(given)} epochs, ${better} for ${round(others)} in all${time}.`
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / Math.max(1, numbers.length)
const round = (epochs: number) => String(Number(epochs.toFixed(1)))

/**
 * What a retrained model has before a random structure with new weights, in steps that add up: that it was trained before it was
 * pruned, its initial weights, its structure.
 */
function causesOf(results: StudyNumbers): Cause[] {
  const group = (id: string): Summary['group'] | undefined => findSummary(results, id)?.group
  return results.comparisons.flatMap((effect): Cause[] => {
    const { better, than } = effect
    const compared = `${better} against ${than}`
    if (group(better) === 'retrained' && isKind(results, than, 'ticket'))
      return [{ name: 'having been trained before it was pruned', compared, effect }]
    if (isKind(results, better, 'ticket') && isKind(results, than, 'scratch'))
      return [{ name: 'the original initial weights', compared, effect }]
    if (isKind(results, better, 'scratch') && isKind(results, than, 'random-structure'))
      return [{ name: 'the structure', compared, effect }]
    return []
  })
}
