/** A text translated by one model, a few sentences at a time, so that a newer text need not wait for all of them. */
import type { Translation } from '@espalier/runtime'
import type { TextTranslator } from './model-loader.ts'
import { joinLines, type Sentences } from './text.ts'

const AT_ONCE = 8

export interface Translated {
  readonly text: string
  readonly translations: readonly Translation[]
  /** The mean over all words; absent where there are none. */
  readonly score?: number
  readonly words: number
  readonly ms: number
}

/** @param onPart is given the translation as far as it has come */
export async function translateText(
  translator: TextTranslator,
  sentences: Sentences,
  options: { readonly signal: AbortSignal; readonly attention: boolean; onPart?(text: string): void },
): Promise<Translated> {
  const translations: Translation[] = []
  const began = performance.now()
  const textOf = () =>
    joinLines(
      sentences,
      translations.map(({ text }) => text),
    )
  for (let from = 0; from < sentences.all.length; from += AT_ONCE) {
    const part = sentences.all.slice(from, from + AT_ONCE)
    const { signal, attention } = options
    for (const [best] of await translator.translate(part, { signal, attention })) translations.push(best)
    if (from + AT_ONCE < sentences.all.length) options.onPart?.(textOf())
  }
  const words = translations.reduce((n, { tokens }) => n + tokens.length, 0)
  const total = translations.reduce((sum, { score, tokens }) => sum + score * tokens.length, 0)
  return {
    text: textOf(),
    translations,
    score: words > 0 ? total / words : undefined,
    words,
    ms: performance.now() - began,
  }
}
