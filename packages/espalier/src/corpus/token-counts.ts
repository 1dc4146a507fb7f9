/** Counting tokens. */

/** Adds tokens to counts, in place. */
export function countInto(counts: Map<string, number>, tokens: readonly string[]): void {
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
}
