/** Vocabularies, chosen from counted tokens. */
import { SPECIAL_TOKENS, Vocabulary } from '@espalier/runtime'

/** The vocabularies of both sides. */
export interface Vocabularies {
  readonly source: Vocabulary
  readonly target: Vocabulary
}

/**
 * The most frequent tokens after the special ones; equal counts in order of the tokens' code units.
 * @param limit how many tokens at most, special ones not counted
 */
export function chooseVocabulary(
  counts: ReadonlyMap<string, number>,
  { limit = Number.POSITIVE_INFINITY, minCount }: { limit?: number; minCount: number },
): Vocabulary {
  const special = new Set<string>(SPECIAL_TOKENS)
  const kept = [...counts]
    .filter(([token, n]) => n >= minCount && !special.has(token))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([token]) => token)
  return new Vocabulary([...SPECIAL_TOKENS, ...kept.slice(0, limit)])
}

/** The share of counted tokens that a vocabulary does not have. */
export function unknownShare(counts: ReadonlyMap<string, number>, vocabulary: Vocabulary): number {
  let [all, missing] = [0, 0]
  for (const [word, n] of counts) {
    all += n
    if (!vocabulary.has(word)) missing += n
  }
  return missing / all
}
