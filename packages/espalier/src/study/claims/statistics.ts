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
