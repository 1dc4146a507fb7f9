/** Sentences in, sentences out: tokenisation, search and what becomes of unknown words. */
import { hypothesisWords, pharaoh } from './search/alignment.ts'
import type { TranslationNetwork } from './search/network.ts'
import { type SearchOptions, translateTokens } from './search/search.ts'
import type { Tokenizer } from './text/tokenizer.ts'
import type { Vocabulary } from './text/vocabulary.ts'

export interface TranslateOptions extends Omit<SearchOptions, 'attention'> {
  /** Sentences translated together. */
  readonly batchSize?: number
  /** Translations of words that the target vocabulary lacks. */
  readonly dictionary?: ReadonlyMap<string, string>
  /** Whether alignments are wanted. */
  readonly alignments?: boolean
  /** Whether `<unk>` becomes a source word; default true. */
  readonly replaceUnknown?: boolean
  /** Source words taken at most; the rest of a longer sentence is cut off, and said to be. */
  readonly maxSourceLength?: number
  onProgress?(sentencesDone: number): void
}

/** One translation of a sentence. */
export interface Translation {
  readonly text: string
  readonly tokens: readonly string[]
  /** Log probability, normalised by length. */
  readonly score: number
  /** Pharaoh format; empty unless asked for. */
  readonly alignment: string
  /** Whether the sentence was too long and was cut. */
  readonly cut: boolean
}

/** A network with its two vocabularies and tokenisers. */
export class Translator {
  constructor(
    readonly network: TranslationNetwork,
    readonly source: { readonly tokenizer: Tokenizer; readonly vocabulary: Vocabulary },
    readonly target: { readonly tokenizer: Tokenizer; readonly vocabulary: Vocabulary },
    readonly hasAttention: boolean,
  ) {}

  /** The n best translations of each sentence, in the order of the sentences. An empty sentence has an empty one. */
  async translate(sentences: readonly string[], options: TranslateOptions): Promise<Translation[][]> {
    const { batchSize = 64, maxSourceLength = 200 } = options
    const words = sentences.map(sentence => this.source.tokenizer.tokenize(sentence))
    const results: Translation[][] = sentences.map(() => [
      { text: '', tokens: [], score: 0, alignment: '', cut: false },
    ])
    // Longest first, so that what is translated together is alike in length, and trouble with memory shows at once.
    const order = words.flatMap((w, i) => (w.length > 0 ? [i] : [])).sort((a, b) => words[b].length - words[a].length)
    for (let start = 0; start < order.length; start += batchSize) {
      const batch = order.slice(start, start + batchSize)
      const taken = batch.map(i => words[i].slice(0, maxSourceLength))
      const attention = this.hasAttention && ((options.replaceUnknown ?? true) || options.alignments === true)
      const ids = taken.map(w => this.source.vocabulary.encode(w))
      const found = await translateTokens(this.network, ids, { ...options, attention })
      batch.forEach((sentence, k) => {
        const cut = words[sentence].length > maxSourceLength
        results[sentence] = found[k].map(hypothesis => {
          const replaced = options.replaceUnknown === false ? { ...hypothesis, attention: [] } : hypothesis
          const tokens = hypothesisWords(replaced, taken[k], id => this.target.vocabulary.token(id), options.dictionary)
          const alignment = options.alignments ? pharaoh(hypothesis) : ''
          return { text: this.target.tokenizer.detokenize(tokens), tokens, score: hypothesis.score, alignment, cut }
        })
      })
      options.onProgress?.(Math.min(order.length, start + batchSize))
    }
    return results
  }
}
