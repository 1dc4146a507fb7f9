/** Sentences in, sentences out: tokenisation, search and what becomes of unknown words. */
import { pharaoh } from './search/alignment.ts'
import { type BatchBudget, inBatches } from './search/batching.ts'
import type { TranslationNetwork } from './search/decoder.ts'
import type { Hypothesis } from './search/hypothesis.ts'
import { type SearchOptions, translateTokens } from './search/search.ts'
import { hypothesisWords } from './search/unknown.ts'
import type { Tokenizer } from './text/tokenizer.ts'
import type { Vocabulary } from './text/vocabulary.ts'

export interface TranslateOptions extends Omit<SearchOptions, 'attention'> {
  /** Sentences translated together; default 64. */
  readonly batchSize?: BatchBudget['sentences']
  /** Sentences × words of the longest of them, at most; default 4096. */
  readonly batchTokens?: BatchBudget['tokens']
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
    const results: Translation[][] = []
    for await (const translations of this.stream(sentences, options)) results.push(translations)
    return results
  }

  /** The same for sentences without end: some are read ahead and worked on together, results come in their order. */
  stream(
    sentences: Iterable<string> | AsyncIterable<string>,
    options: TranslateOptions,
  ): AsyncGenerator<Translation[], void, undefined> {
    const { batchSize, batchTokens, maxSourceLength = 200 } = options
    let done = 0
    return inBatches(sentences, {
      sentences: batchSize,
      tokens: batchTokens,
      // Roughly: words are counted by their spaces before they are cut apart.
      length: sentence => Math.min(maxSourceLength, sentence.split(' ').length),
      work: async batch => {
        const translations = await this.#translateBatch(batch, options)
        done += batch.length
        options.onProgress?.(done)
        return translations
      },
    })
  }

  async #translateBatch(sentences: readonly string[], options: TranslateOptions): Promise<Translation[][]> {
    const { maxSourceLength = 200, replaceUnknown = true, alignments = false } = options
    const words = sentences.map(sentence => this.source.tokenizer.tokenize(sentence))
    const taken = words.map(w => w.slice(0, maxSourceLength))
    const filled = taken.filter(w => w.length > 0)
    const attention = this.hasAttention && (replaceUnknown || alignments)
    const found = await translateTokens(
      this.network,
      filled.map(w => this.source.vocabulary.encode(w)),
      { ...options, attention },
    )
    let next = 0
    return taken.map((source, i) => {
      const cut = words[i].length > source.length
      if (source.length === 0) return [{ text: '', tokens: [], score: 0, alignment: '', cut }]
      return found[next++].map(hypothesis => this.#translation(hypothesis, source, options, cut))
    })
  }

  #translation(
    hypothesis: Hypothesis,
    words: readonly string[],
    { replaceUnknown = true, alignments = false, dictionary }: TranslateOptions,
    cut: boolean,
  ): Translation {
    const replaced = replaceUnknown ? hypothesis : { ...hypothesis, attention: [] }
    const tokens = hypothesisWords(replaced, words, id => this.target.vocabulary.token(id), dictionary)
    const alignment = alignments ? pharaoh(hypothesis) : ''
    return { text: this.target.tokenizer.detokenize(tokens), tokens, score: hypothesis.score, alignment, cut }
  }
}
