/** Differences that have several possible causes, each measured by a comparison of its own. */
import type { Comparison } from '../results.ts'
import { effectText } from './claim.ts'
import { holmSignificant } from './statistics.ts'

export interface Cause {
  /** As it stands in an answer: `less dropout`. */
  readonly name: string
  /** The two models whose difference it is. */
  readonly compared: string
  readonly effect: Pick<Comparison, 'difference' | 'low' | 'high' | 'pValue'>
}

/** Each cause with its effect, and those that the numbers point to: gains that are significant together (Holm), the largest first. */
export function causesText(causes: readonly Cause[]): string {
  if (causes.length === 0) return ''
  const sure = holmSignificant(causes.map(cause => ({ cause, pValue: cause.effect.pValue })))
    .map(({ cause }) => cause)
    .filter(({ effect }) => effect.difference > 0)
    .sort((a, b) => b.effect.difference - a.effect.difference)
  const names = [...new Set(sure.map(({ name }) => name))]
  const effects = causes.map(({ name, compared, effect }) => `${name} (${compared}): ${effectText(effect)}`).join('; ')
  return ` Causes, in BLEU: ${effects}. The numbers point to ${names.length > 0 ? names.join(', then ') : 'none of them'} (Holm).`
}
