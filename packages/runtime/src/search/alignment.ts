/** Word alignments read from attention. */
import { mostAttended } from './attention.ts'
import type { Hypothesis } from './hypothesis.ts'

/** For each target token the source position that is attended most, the first of equal ones; -1 without attention. */
export function hardAlignment({ tokens, attention }: Pick<Hypothesis, 'tokens' | 'attention'>): number[] {
  return tokens.map((_, i) => mostAttended(attention?.[i]))
}

/** Source and target positions in Pharaoh's format: `0-0 2-1`. Tokens without attention are left out. */
export function pharaoh(hypothesis: Pick<Hypothesis, 'tokens' | 'attention'>): string {
  return hardAlignment(hypothesis)
    .flatMap((source, target) => (source < 0 ? [] : [`${source}-${target}`]))
    .join(' ')
}
