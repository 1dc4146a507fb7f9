/** Sentences in, sentences out: tokenisation, search and what becomes of unknown words. */
import { type LoadedModel, type LoadOptions, loadModel, openNetwork } from './network/load.ts'
import type { Side } from './packed/model.ts'
import type { PackedSource } from './packed/source.ts'
import { pharaoh } from './search/alignment.ts'
import { type BatchBudget, inBatches } from './search/batching.ts'
import type { TranslationNetwork } from './search/decoder.ts'
import type { Hypothesis } from './search/hypothesis.ts'
import { type SearchOptions, translateTokens } from './search/search.ts'
import { hypothesisWords } from './search/unknown.ts'

export interface TranslateOptions extends Omit<SearchOptions, 'attention'> {
  /** Sentences translated together; default 64. */
  readonly batchSize?: BatchBudget['sentences']
  /** Sentences × words of the longest of them, at most; default 4096. */
  readonly batchTokens?: BatchBudget['tokens']
  /** Translations of words that the target vocabulary lacks. */
  readonly dictionary?: ReadonlyMap<string, string>
  /** Whether alignments are wanted. */
  readonly alignments?: boolean
  /** Whether attention is wanted, and the source words that it is over. */
  readonly attention?: boolean
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
  /** With `attention`: the words that were read, and for each token its shares of them and, last, of `</s>`. */
  readonly sourceTokens?: readonly string[]
  readonly attention?: readonly Float32Array[]
}

const NO_ATTENTION = { sourceTokens: [], attention: [] }

/** A network with its two vocabularies and tokenisers. */
export class Translator {
  /** What a packed file had besides; absent for a network from elsewhere. */
  readonly model?: LoadedModel

  constructor(
    readonly network: TranslationNetwork,
    readonly source: Side,
    readonly target: Side,
    readonly hasAttention: boolean,
    model?: LoadedModel,
  ) {
    this.model = model
  }

  /**
   * Opens a packed model, on this thread. Nothing has to be disposed of: the memory goes with the translator.
   * @param source its bytes, or where they are or come from: a URL is fetched
   * @throws PackedFileError naming the section that is damaged; UserError `not-found`
   */
  static async load(source: PackedSource, options: LoadOptions = {}): Promise<Translator> {
    return Translator.of(await loadModel(source, options), options)
  }

  /** The same with a model that is in memory already. */
  static async of(model: LoadedModel, { kernels }: LoadOptions = {}): Promise<Translator> {
    const { packed, source, target, network } = await openNetwork(model, kernels)
    return new Translator(packed, source, target, network.attention !== 'none', model)
  }

  /** The n best translations of each sentence, in the order of the sentences. An empty sentence has an empty one. */
  async translate(sentences: readonly string[], options: TranslateOptions = {}): Promise<Translation[][]> {
    const results: Translation[][] = []
    for await (const translations of this.stream(sentences, options)) results.push(translations)
    return results
  }

  /** The same for sentences without end: some are read ahead and worked on together, results come in their order. */
  stream(
    sentences: Iterable<string> | AsyncIterable<string>,
    options: TranslateOptions = {},
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
    const wanted = replaceUnknown || alignments || options.attention === true
    const words = sentences.map(sentence => this.source.tokenizer.tokenize(sentence))
    const taken = words.map(w => w.slice(0, maxSourceLength))
    const filled = taken.filter(w => w.length > 0)
    const attention = this.hasAttention && wanted
    const found = await translateTokens(
      this.network,
      filled.map(w => this.source.vocabulary.encode(w)),
      { ...options, attention },
    )
    let next = 0
    return taken.map((source, i) => {
      const cut = words[i].length > source.length
      if (source.length === 0)
        return [{ text: '', tokens: [], score: 0, alignment: '', cut, ...(options.attention && NO_ATTENTION) }]
      return found[next++].map(hypothesis => this.#translation(hypothesis, source, options, cut))
    })
  }

  #translation(
    hypothesis: Hypothesis,
    words: readonly string[],
    { replaceUnknown = true, alignments = false, attention = false, dictionary }: TranslateOptions,
    cut: boolean,
  ): Translation {
    const replaced = replaceUnknown ? hypothesis : { ...hypothesis, attention: [] }
    const tokens = hypothesisWords(replaced, words, id => this.target.vocabulary.token(id), dictionary)
    const alignment = alignments ? pharaoh(hypothesis) : ''
    const seen = attention && { sourceTokens: words, attention: hypothesis.attention ?? [] }
    return { text: this.target.tokenizer.detokenize(tokens), tokens, score: hypothesis.score, alignment, cut, ...seen }
  }
}
