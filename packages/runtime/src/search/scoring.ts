/** How hypotheses of different lengths are compared. */
import { UserError } from '../errors.ts'

/**
 * For log probability s and n predicted tokens (`</s>` included): none: s; average: s / n;
 * gnmt: s / ((5 + n) / 6)^alpha, alpha at least 0 (Wu et al. 2016, equation 14).
 */
export type LengthNormalization = { kind: 'none' } | { kind: 'average' } | { kind: 'gnmt'; alpha: number }

/** The score of a hypothesis with this log probability and this many predicted tokens, at least 1. */
export type LengthScore = (logProbability: number, length: number) => number

export function lengthScore(normalization: LengthNormalization): LengthScore {
  switch (normalization.kind) {
    case 'none':
      return s => s
    case 'average':
      return (s, n) => s / n
    case 'gnmt': {
      const { alpha } = normalization
      if (!(alpha >= 0 && alpha < Infinity))
        throw new UserError('option-range', `the length penalty's alpha is ${alpha}; it must be a number from 0 up`)
      return (s, n) => s / ((5 + n) / 6) ** alpha
    }
    default:
      throw new UserError(
        'option-range',
        `normalization is ${JSON.stringify(normalization satisfies never)}; its kind has to be none, average or gnmt`,
      )
  }
}

/**
 * The highest score that a hypothesis can still reach if it ends with `shortest` to `longest` predicted tokens. What it
 * adds has a log probability of at most 0, so it can at best keep the one it has; and every score above is monotonic in
 * the length, so the best length is one of the two ends.
 */
export function bestReachable(score: LengthScore, logProbability: number, shortest: number, longest: number): number {
  return Math.max(score(logProbability, shortest), score(logProbability, longest))
}
