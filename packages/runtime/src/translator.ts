/** Sentences in, sentences out, on this thread: tokenisation, search and what becomes of unknown words. */
import { checkedSentences, checkOptions, checkSentences } from './limits.ts'
import { type LoadedModel, type LoadOptions, loadModel, openLoaded } from './network/load.ts'
import type { TranslationNetwork } from './network/translation-network.ts'
import type { Side } from './packed/model-texts.ts'
import type { PackedSource } from './packed/source.ts'
import { pharaoh } from './search/alignment.ts'
import { inBatches } from './search/batching.ts'
import type { Hypothesis } from './search/hypothesis.ts'
import { translateTokens } from './search/search.ts'
import { hypothesisWords } from './search/unknown.ts'
import {
  type ModelInfo,
  released,
  type TranslateOptions,
  type Translation,
  type TranslationService,
} from './translation-service.ts'

const NO_ATTENTION = { sourceTokens: [], attention: [] }

/** Runs a function when other code of this thread has had its turn. Node has a way that does not wait for a millisecond. */
const soon: (run: () => void) => unknown =
  (globalThis as { setImmediate?: (run: () => void) => unknown }).setImmediate ?? setTimeout

/** A network with its two vocabularies and tokenisers. */
export class Translator<Network extends TranslationNetwork = TranslationNetwork> implements TranslationService {
  readonly #loaded?: LoadedModel
  /** Batches that are worked on. */
  readonly #busy = new Set<Promise<unknown>>()
  #end: Promise<void> | undefined

  constructor(
    readonly network: Network,
    readonly source: Side,
    readonly target: Side,
    readonly hasAttention: boolean,
    loaded?: LoadedModel,
  ) {
    this.#loaded = loaded
  }

  /**
   * Opens a packed model, on this thread. It need not be released: its memory goes with the translator.
   * @param source its bytes, or where they are or come from: a URL is fetched
   * @throws PackedFileError naming the section that is damaged; UserError `invalid-argument`, `unreachable`, `not-found`,
   *   `http-error`, `kernels`, `out-of-memory`
   */
  static async load(source: PackedSource, options: LoadOptions = {}): Promise<Translator> {
    return Translator.of(await loadModel(source, options), options)
  }

  /** The same with a model that is in memory already. */
  static async of(model: LoadedModel, { kernels }: LoadOptions = {}): Promise<Translator> {
    const { network, source, target, hasAttention } = await openLoaded(model, kernels)
    return new Translator(network, source, target, hasAttention, model)
  }

  get model(): ModelInfo | undefined {
    if (!this.#loaded) return undefined
    const { bytes, quality, memory } = this.#loaded
    return { bytes, quality, memory: memory.buffer.byteLength }
  }

  async translate(sentences: readonly string[], options: TranslateOptions = {}): Promise<Translation[][]> {
    checkSentences(sentences)
    const results: Translation[][] = []
    for await (const translations of this.#stream(sentences, options)) results.push(translations)
    return results
  }

  stream(
    sentences: Iterable<string> | AsyncIterable<string>,
    options: TranslateOptions = {},
  ): AsyncGenerator<Translation[], void, undefined> {
    return this.#stream(checkedSentences(sentences), options)
  }

  async *#stream(
    sentences: Iterable<string> | AsyncIterable<string>,
    options: TranslateOptions,
  ): AsyncGenerator<Translation[], void, undefined> {
    checkOptions(options)
    const { batchSize, batchTokens, maxSourceLength = 200, signal } = options
    let done = 0
    yield* inBatches(sentences, {
      sentences: batchSize,
      tokens: batchTokens,
      // An estimate: spaces are counted instead of tokens.
      length: sentence => Math.min(maxSourceLength, sentence.split(' ').length),
      work: async batch => {
        // Lets other code of this thread run, which may abort.
        if (signal && done > 0) await new Promise<void>(resolve => soon(() => resolve()))
        signal?.throwIfAborted()
        const translations = await this.#whileOpen(() => this.#translateBatch(batch, options))
        done += batch.length
        options.onProgress?.(done)
        return translations
      },
    })
  }

  /** Batches that have begun are finished. */
  release(): Promise<void> {
    this.#end ??= Promise.allSettled(this.#busy).then(() => this.network.release?.())
    return this.#end
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  async #whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (this.#end) throw released()
    const running = work()
    this.#busy.add(running)
    try {
      return await running
    } finally {
      this.#busy.delete(running)
    }
  }

  async #translateBatch(sentences: readonly string[], options: TranslateOptions): Promise<Translation[][]> {
    const { maxSourceLength = 200, replaceUnknown = true, alignments = false } = options
    const needsAttention = replaceUnknown || alignments || options.attention === true
    const words = sentences.map(sentence => this.source.tokenizer.tokenize(sentence))
    const read = words.map(w => w.slice(0, maxSourceLength))
    const nonEmpty = read.filter(w => w.length > 0)
    const attention = this.hasAttention && needsAttention
    const found = await translateTokens(
      this.network,
      nonEmpty.map(w => this.source.vocabulary.encode(w)),
      { ...options, attention },
    )
    let next = 0
    return read.map((source, i) => {
      const truncated = words[i].length > source.length
      if (source.length === 0)
        return [{ text: '', tokens: [], score: 0, alignment: '', truncated, ...(options.attention && NO_ATTENTION) }]
      return found[next++].map(hypothesis => this.#translation(hypothesis, source, options, truncated))
    })
  }

  #translation(
    hypothesis: Hypothesis,
    words: readonly string[],
    { replaceUnknown = true, alignments = false, attention = false, dictionary }: TranslateOptions,
    truncated: boolean,
  ): Translation {
    const replaced = replaceUnknown ? hypothesis : { ...hypothesis, attention: [] }
    const tokens = hypothesisWords(replaced, words, id => this.target.vocabulary.token(id), dictionary)
    const alignment = alignments ? pharaoh(hypothesis) : ''
    const over = attention && { sourceTokens: words, attention: hypothesis.attention ?? [] }
    return {
      text: this.target.tokenizer.detokenize(tokens),
      tokens,
      score: hypothesis.score,
      alignment,
      truncated,
      ...over,
    }
  }
}
