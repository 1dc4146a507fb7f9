/** A translator whose work is done by workers, so that a page stays quick. */
import { checkedSentences, checkOptions, checkSentences } from '../limits.ts'
import { batchesByLength, windows } from '../search/batching.ts'
import type { ModelInfo, TranslateOptions, Translation, TranslationService } from '../translation-service.ts'
import type { WorkerChannel } from './channel.ts'
import { WorkerPool } from './pool.ts'
import type { SerializableOptions } from './protocol.ts'

/** Sentences that a stream reads ahead. */
const WINDOW = 2048

/** Once the signal of a call is aborted, what has not begun is dropped; a batch that a worker has begun is finished. */
export class WorkerTranslator implements TranslationService {
  readonly #pool: WorkerPool

  /** Use `startTranslator`. */
  constructor(
    workers: readonly WorkerChannel[],
    readonly model: ModelInfo,
    readonly hasAttention: boolean,
  ) {
    this.#pool = new WorkerPool(workers)
  }

  /** Workers that live. */
  get threads(): number {
    return this.#pool.size
  }

  async translate(sentences: readonly string[], options: TranslateOptions = {}): Promise<Translation[][]> {
    checkSentences(sentences)
    checkOptions(options)
    return this.#translate(sentences, options, done => options.onProgress?.(done))
  }

  async *stream(
    sentences: Iterable<string> | AsyncIterable<string>,
    options: TranslateOptions = {},
  ): AsyncGenerator<Translation[], void, undefined> {
    checkOptions(options)
    let before = 0
    for await (const ahead of windows(checkedSentences(sentences), WINDOW)) {
      yield* await this.#translate(ahead, options, done => options.onProgress?.(before + done))
      before += ahead.length
    }
  }

  async release(): Promise<void> {
    this.#pool.terminate()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  async #translate(
    sentences: readonly string[],
    options: TranslateOptions,
    onProgress: (done: number) => void,
  ): Promise<Translation[][]> {
    const { signal } = options
    signal?.throwIfAborted()
    const results = new Array<Translation[]>(sentences.length)
    const call = { options: serializable(options), isOver: false }
    let done = 0
    const work = this.#batches(sentences, options).map(async batch => {
      const translations = await this.#inWorker(
        batch.map(i => sentences[i]),
        call,
      )
      translations?.forEach((translation, k) => {
        results[batch[k]] = translation
      })
      done += batch.length
      if (!call.isOver) onProgress(done)
    })
    try {
      await unlessAborted(Promise.all(work), signal)
    } finally {
      call.isOver = true
    }
    return results
  }

  /** Positions of the sentences, so many together that each worker gets a batch at least. */
  #batches(
    sentences: readonly string[],
    { batchSize = 64, batchTokens, maxSourceLength = 200 }: TranslateOptions,
  ): number[][] {
    const lengths = sentences.map(sentence => Math.min(maxSourceLength, sentence.split(' ').length))
    const size = Math.max(1, Math.min(batchSize, Math.ceil(sentences.length / Math.max(1, this.threads))))
    return batchesByLength(lengths, { sentences: size, tokens: batchTokens })
  }

  /** @returns nothing if the call was over before a worker was idle */
  async #inWorker(
    sentences: readonly string[],
    call: { readonly options: SerializableOptions; isOver: boolean },
  ): Promise<Translation[][] | undefined> {
    const worker = await this.#pool.take()
    try {
      if (call.isOver) return undefined
      const { options } = call
      return (await worker.ask('translated', { kind: 'translate', sentences, options })).translations
    } catch (error) {
      // Before the worker goes to the next batch, which may be this call's.
      call.isOver = true
      throw error
    } finally {
      this.#pool.give(worker)
    }
  }
}

function serializable({ signal: _signal, onProgress: _, maxLength, ...rest }: TranslateOptions): SerializableOptions {
  if (!maxLength) return rest
  const { maxSourceLength = 200 } = rest
  return { ...rest, maxLengths: Array.from({ length: maxSourceLength }, (_, i) => maxLength(i + 1)) }
}

/** @throws the signal's reason as soon as it is aborted, whatever becomes of the work */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
