/** Gradual pruning (Zhu & Gupta 2017): how much is pruned at which moment of training. */
import type { GradualConfig } from '../configuration/training.ts'

/**
 * The fraction that is to be gone after `progress` epochs: s_f + (s_0 - s_f)(1 - (t - t_0) / (t_1 - t_0))³
 * (Zhu & Gupta 2017, equation 1), from `initial` on.
 */
export function gradualFraction({ fraction, begin, end }: GradualConfig, progress: number, initial = 0): number {
  const done = Math.min(1, Math.max(0, (progress - begin) / (end - begin)))
  return fraction + (initial - fraction) * (1 - done) ** 3
}
