/** Reading the attention of one target token. */

/** The source position of the highest weight, the first of equal ones, never `</s>`, which is last; -1 without words. */
export function mostAttended(weights: Float32Array | undefined): number {
  if (!weights || weights.length < 2) return -1
  let best = 0
  for (let s = 1; s < weights.length - 1; s++) if (weights[s] > weights[best]) best = s
  return best
}
