/** Replaces `<unk>` in a hypothesis by source words or their translations. */
import { UNK } from '../text/vocabulary.ts'
import { mostAttended } from './attention.ts'
import type { Hypothesis } from './hypothesis.ts'

/**
 * The words of a hypothesis. `<unk>` becomes what a dictionary has for the source word attended most, or else that word
 * itself (Luong, Sutskever, Le, Vinyals & Zaremba 2015, section 3.3); without attention it stays.
 * @param word the word of a target id
 */
export function hypothesisWords(
  { tokens, attention }: Pick<Hypothesis, 'tokens' | 'attention'>,
  sourceWords: readonly string[],
  word: (id: number) => string,
  dictionary: ReadonlyMap<string, string> = new Map(),
): string[] {
  return tokens.map((id, i) => {
    const source = id === UNK ? sourceWords[mostAttended(attention?.[i])] : undefined
    return source === undefined ? word(id) : (dictionary.get(source) ?? source)
  })
}
