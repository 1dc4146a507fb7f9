/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What every translator does, however its network is run: on this thread, in workers, by another engine. Programs that
 * depend on {@link TranslationService} alone work with all of them.
 */
import { UserError } from './errors.ts'
import type { QualityFigure } from './packed/header.ts'
import type { BatchBudget } from './search/batching.ts'
import type { SearchOptions } from './search/search.ts'

export interface TranslateOptions extends Omit<SearchOptions, 'attention'> {
  /** Sentences translated together; default 64. */
  readonly batchSize?: BatchBudget['sentences']
  /** Sentences × words of the longest of them, at most; default 4096. */
  readonly batchTokens?: BatchBudget['tokens']
  /** Translations of words that the target vocabulary lacks. */
  readonly dictionary?: ReadonlyMap<string, string>
  /** Whether word alignments are computed; default false. */
  readonly alignments?: boolean
  /** Whether translations come with their attention and the source words that it is over; default false. */
  readonly attention?: boolean
  /** Whether `<unk>` becomes a source word; default true. */
  readonly replaceUnknown?: boolean
  /** Source tokens that are read at most, default 200; the rest of a longer sentence is left out, and said to be. */
  readonly maxSourceLength?: number
  /** Called after each batch, with the number of sentences done so far. */
  readonly onProgress?: (sentencesDone: number) => void
}

/** One translation of a sentence. */
export interface Translation {
  readonly text: string
  readonly tokens: readonly string[]
  /** Log probability, normalised by length. */
  readonly score: number
  /** Pharaoh format; empty unless asked for. */
  readonly alignment: string
  /** Whether the sentence was longer than `maxSourceLength`, so that its end was not read. */
  readonly truncated: boolean
  /** With `attention`: the tokens that were read, and for each target token its shares of them and, last, of `</s>`. */
  readonly sourceTokens?: readonly string[]
  readonly attention?: readonly Float32Array[]
}

/** What is known of a packed model that was loaded. */
export interface ModelInfo {
  /** Bytes of the file. */
  readonly bytes: number
  /** What was measured when the file was packed. */
  readonly quality: readonly QualityFigure[]
  /** Bytes of the memory that the kernels work in. */
  readonly memory: number
}

export interface TranslationService {
  /** Without attention there are no alignments, and unknown words stay unknown. */
  readonly hasAttention: boolean
  /** Undefined for a model that is not a packed file. */
  readonly model: ModelInfo | undefined

  /**
   * The n best translations of each sentence, in the order of the sentences. An empty sentence has an empty one.
   * @throws UserError `invalid-argument`, `option-range`, `released`; the signal's reason, once it is aborted
   */
  translate(sentences: readonly string[], options?: TranslateOptions): Promise<Translation[][]>

  /** The same for sentences without end: some are read ahead and worked on together, results come in their order. */
  stream(
    sentences: Iterable<string> | AsyncIterable<string>,
    options?: TranslateOptions,
  ): AsyncGenerator<Translation[], void, undefined>

  /** Gives back memory and threads. What was not translated yet is rejected with UserError `released`. */
  release(): Promise<void>
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What every call is rejected with after {@link TranslationService.release}. */
export const released = () => new UserError('released', 'the translator was released')
