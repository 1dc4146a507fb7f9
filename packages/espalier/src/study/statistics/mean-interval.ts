/** Intervals of a mean over seeds. */
import { average } from './average.ts'

export interface MeanInterval {
  readonly mean: number
  /** Bounds of the 95 % interval; absent where there is one number only. */
  readonly bounds?: readonly [low: number, high: number]
}

/** The mean of independent numbers with its 95 % interval by Student's t. */
export function meanInterval(numbers: readonly number[]): MeanInterval {
  const mean = average(numbers)
  if (numbers.length < 2) return { mean }
  const freedom = numbers.length - 1
  const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / freedom
  const half = studentQuantile(freedom) * Math.sqrt(variance / numbers.length)
  return { mean, bounds: [mean - half, mean + half] }
}

/** The 97.5 % quantiles of Student's t with 1 to 10 degrees of freedom. */
const QUANTILES = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281]

/** The 97.5 % quantile of Student's t; above ten degrees by Cornish and Fisher's expansion, within 0.002. */
function studentQuantile(freedom: number): number {
  const z = 1.959964
  return (
    QUANTILES[freedom - 1] ??
    z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
  )
}
