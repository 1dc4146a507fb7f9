/** What attention says of which source word a target word came from. */
import { UNK } from '../text/vocabulary.ts'
import type { Hypothesis } from './search.ts'

/** For each target token the source position that is attended most, `</s>` left out; -1 without attention. */
export function hardAlignment({ tokens, attention }: Hypothesis): number[] {
  return tokens.map((_, i) => {
    const weights = attention[i]
    if (!weights || weights.length < 2) return -1
    let best = 0
    for (let s = 1; s < weights.length - 1; s++) if (weights[s] > weights[best]) best = s
    return best
  })
}

/** Source and target positions in Pharaoh's format: `0-0 2-1`. */
export function pharaoh(hypothesis: Hypothesis): string {
  return hardAlignment(hypothesis)
    .flatMap((source, target) => (source < 0 ? [] : [`${source}-${target}`]))
    .join(' ')
}

/**
 * The words of a hypothesis. `<unk>` becomes the source word attended most, or what a dictionary has for that word
 * (Luong, Sutskever, Le, Vinyals & Zaremba 2015, section 3.3); without attention it stays.
 */
export function hypothesisWords(
  hypothesis: Hypothesis,
  sourceWords: readonly string[],
  word: (id: number) => string,
  dictionary: ReadonlyMap<string, string> = new Map(),
): string[] {
  const aligned = hypothesis.tokens.includes(UNK) ? hardAlignment(hypothesis) : []
  return hypothesis.tokens.map((id, i) => {
    const source = id === UNK ? sourceWords[aligned[i]] : undefined
    return source === undefined ? word(id) : (dictionary.get(source) ?? source)
  })
}
