/** Rank correlations, plain and partial. */

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

/**
 * The rank correlation of x and y that is left where z is held constant (Kendall 1942): what x says about y beyond z.
 * @returns undefined where z orders x or y completely, so that nothing is left to correlate
 */
export function partialSpearman(
  xs: readonly number[],
  ys: readonly number[],
  zs: readonly number[],
): number | undefined {
  const [xy, xz, yz] = [spearman(xs, ys), spearman(xs, zs), spearman(ys, zs)]
  const left = (1 - xz ** 2) * (1 - yz ** 2)
  return left < 1e-12 ? undefined : (xy - xz * yz) / Math.sqrt(left)
}

/**
 * The 95 % interval of a rank correlation of n pairs, by Fisher's transformation with the variance of Bonett & Wright (2000);
 * n is 4 or more.
 */
export function spearmanInterval(correlation: number, n: number): [low: number, high: number] {
  if (Math.abs(correlation) === 1) return [correlation, correlation]
  const half = 1.96 * Math.sqrt((1 + correlation ** 2 / 2) / (n - 3))
  const middle = Math.atanh(correlation)
  return [Math.tanh(middle - half), Math.tanh(middle + half)]
}

/** Ranks from 1; equal numbers share the mean of theirs. */
export function ranks(xs: readonly number[]): number[] {
  const order = xs.map((_, i) => i).sort((a, b) => xs[a] - xs[b])
  const ranked = new Array<number>(xs.length)
  for (let begin = 0; begin < order.length; ) {
    let end = begin + 1
    while (end < order.length && xs[order[end]] === xs[order[begin]]) end++
    for (let i = begin; i < end; i++) ranked[order[i]] = (begin + 1 + end) / 2
    begin = end
  }
  return ranked
}
