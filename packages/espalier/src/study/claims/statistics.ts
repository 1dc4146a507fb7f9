/** The statistics that claims are decided with. */

/** A difference counts as real below this probability of chance. */
export const SIGNIFICANCE = 0.05

/**
 * Those of several differences that are significant together: the probability that any of them is there by chance is less than
 * 5 % (Holm 1979).
 */
export function holmSignificant<T extends { readonly pValue?: number }>(family: readonly T[]): T[] {
  const sorted = [...family].sort((a, b) => (a.pValue ?? 1) - (b.pValue ?? 1))
  const first = sorted.findIndex(({ pValue = 1 }, i) => pValue >= SIGNIFICANCE / (sorted.length - i))
  return first < 0 ? sorted : sorted.slice(0, first)
}

/** Spearman's rank correlation; 0 where one side does not vary. */
export function spearman(xs: readonly number[], ys: readonly number[]): number {
  const [a, b] = [ranks(xs), ranks(ys)]
  const mean = (a.length + 1) / 2
  let [covariance, va, vb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    covariance += (a[i] - mean) * (b[i] - mean)
    va += (a[i] - mean) ** 2
    vb += (b[i] - mean) ** 2
  }
  return va === 0 || vb === 0 ? 0 : covariance / Math.sqrt(va * vb)
}

/** Ranks from 1; equal numbers share the mean of theirs. */
function ranks(xs: readonly number[]): number[] {
  const sorted = [...xs].sort((a, b) => a - b)
  return xs.map(x => (sorted.indexOf(x) + sorted.lastIndexOf(x)) / 2 + 1)
}
