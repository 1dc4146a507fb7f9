/** A translator whose work is done by workers, so that a page stays quick. */
import { UserError } from '../errors.ts'
import type { LoadOptions } from '../network/load.ts'
import { PackedFileError } from '../packed/format.ts'
import type { PackedSource } from '../packed/source.ts'
import { batchesByLength, windows } from '../search/batching.ts'
import type { Translation } from '../translator.ts'
import type { Answer, ModelFacts, PlainError, PlainOptions, Port, Request } from './protocol.ts'

/** A worker, as far as it is used. */
export interface WorkerLike extends Port<Request, Answer> {
  onerror: ((event: { message: string }) => void) | null
  terminate(): unknown
}

export interface StartOptions extends LoadOptions {
  /**
   * Workers that share one memory; default 1. More than one needs an engine that allows shared memory (in a page:
   * cross-origin isolation, see {@link canShareMemory}); elsewhere there is one.
   */
  readonly threads?: number
  /** Makes a worker that calls `serveTranslator`; default: a web worker of this package. */
  readonly createWorker?: () => WorkerLike
}

export interface WorkerTranslateOptions extends PlainOptions {
  /** Once aborted, what has not begun is not begun, and the promise is rejected with its reason. */
  readonly signal?: AbortSignal
}

/** Whether several threads can work on one model here. */
export function canShareMemory(): boolean {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ?? true
  return typeof SharedArrayBuffer !== 'undefined' && isolated
}

/**
 * Loads a packed model in workers. Bytes are copied, streams and buffers of requests are handed over.
 * @throws PackedFileError naming the section that is damaged; UserError `not-found`, `worker`
 */
export async function startTranslator(source: PackedSource, options: StartOptions = {}): Promise<WorkerTranslator> {
  const { threads = 1, createWorker = webWorker, onProgress, kernels } = options
  if (!(Number.isInteger(threads) && threads >= 1))
    throw new UserError('search-option', `${threads} threads; there must be at least 1`)
  const shared = threads > 1 && canShareMemory()
  const workers = Array.from({ length: shared ? threads : 1 }, () => new Thread(createWorker()))
  try {
    const plain = await sendable(source)
    const request: Request = { kind: 'load', source: plain, shared, kernels }
    const transfer = plain instanceof ReadableStream ? [plain as unknown as Transferable] : []
    const loaded = await workers[0].ask(request, transfer, ({ received, total }) => onProgress?.(received, total))
    if (loaded.kind !== 'loaded') throw new Error(`a worker answered ${loaded.kind}`)
    const { model, loaded: parts } = loaded
    if (parts) await Promise.all(workers.slice(1).map(worker => worker.ask({ kind: 'share', model: parts, kernels })))
    return new WorkerTranslator(workers, model)
  } catch (error) {
    for (const worker of workers) worker.terminate()
    throw error
  }
}

/** Sentences that a stream reads ahead. */
const WINDOW = 2048

/** The same calls as a Translator has, answered by workers. */
export class WorkerTranslator {
  readonly #idle: Thread[]
  readonly #waiting: ((worker: Thread) => void)[] = []

  /** Use {@link startTranslator}. */
  constructor(
    readonly workers: readonly Thread[],
    readonly model: ModelFacts,
  ) {
    this.#idle = [...workers]
  }

  get threads(): number {
    return this.workers.length
  }

  get hasAttention(): boolean {
    return this.model.hasAttention
  }

  /** The same for sentences without end: some are read ahead and worked on together, results come in their order. */
  async *stream(
    sentences: Iterable<string> | AsyncIterable<string>,
    options: WorkerTranslateOptions = {},
  ): AsyncGenerator<Translation[], void, undefined> {
    for await (const ahead of windows(sentences, WINDOW)) yield* await this.translate(ahead, options)
  }

  /** The n best translations of each sentence, in the order of the sentences. */
  async translate(sentences: readonly string[], options: WorkerTranslateOptions = {}): Promise<Translation[][]> {
    const { signal, ...plain } = options
    const { batchSize = 64, batchTokens, maxSourceLength = 200 } = plain
    const lengths = sentences.map(sentence => Math.min(maxSourceLength, sentence.split(' ').length))
    // A batch for each worker at least.
    const each = Math.max(1, Math.min(batchSize, Math.ceil(sentences.length / this.threads)))
    const results = new Array<Translation[]>(sentences.length)
    const work = batchesByLength(lengths, { sentences: each, tokens: batchTokens }).map(async batch => {
      const worker = await this.#take()
      try {
        signal?.throwIfAborted()
        const answer = await worker.ask({ kind: 'translate', sentences: batch.map(i => sentences[i]), options: plain })
        if (answer.kind !== 'translated') throw new Error(`a worker answered ${answer.kind}`)
        for (let k = 0; k < batch.length; k++) results[batch[k]] = answer.translations[k]
      } finally {
        this.#give(worker)
      }
    })
    await Promise.all(work)
    signal?.throwIfAborted()
    return results
  }

  /** Ends the workers; what they were asked is rejected. Their memory is the system's again. */
  dispose(): void {
    for (const worker of this.workers) worker.terminate()
  }

  #take(): Promise<Thread> {
    const worker = this.#idle.shift()
    return worker ? Promise.resolve(worker) : new Promise(resolve => this.#waiting.push(resolve))
  }

  #give(worker: Thread): void {
    const next = this.#waiting.shift()
    if (next) next(worker)
    else this.#idle.push(worker)
  }
}

type Progress = Extract<Answer, { kind: 'progress' }>

/** A worker that is asked one thing at a time. */
class Thread {
  #settle:
    | { resolve(answer: Answer): void; reject(error: Error): void; onProgress?(progress: Progress): void }
    | undefined
  #ended: Error | undefined

  constructor(readonly worker: WorkerLike) {
    worker.onmessage = ({ data }) => {
      if (data.kind === 'progress') this.#settle?.onProgress?.(data)
      else if (data.kind === 'failed') this.#done(({ reject }) => reject(errorOf(data.error)))
      else this.#done(({ resolve }) => resolve(data))
    }
    worker.onerror = ({ message }) => this.#end(new UserError('worker', `a translator's worker failed: ${message}`))
  }

  ask(request: Request, transfer: Transferable[] = [], onProgress?: (progress: Progress) => void): Promise<Answer> {
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject, onProgress }
      this.worker.postMessage(request, transfer)
    })
  }

  terminate(): void {
    this.worker.terminate()
    this.#end(new UserError('disposed', 'the translator was disposed of'))
  }

  #end(error: Error): void {
    this.#ended ??= error
    this.#done(({ reject }) => reject(error))
  }

  #done(how: (settle: { resolve(answer: Answer): void; reject(error: Error): void }) => void): void {
    const settle = this.#settle
    this.#settle = undefined
    if (settle) how(settle)
  }
}

function errorOf({ name, message, code, section }: PlainError): Error {
  if (section !== undefined)
    return new PackedFileError(section, message.replace(`section ${section}: `, ''), code as never)
  return code === undefined ? Object.assign(new Error(message), { name }) : new UserError(code, message)
}

/** What can be sent to a worker: URLs as text, whole; requests' answers as their streams. */
async function sendable(source: PackedSource): Promise<PackedSource> {
  if (typeof source === 'string' || source instanceof URL) {
    const base = (globalThis as { location?: { href: string } }).location?.href
    return new URL(source, base).href
  }
  if (source instanceof Response) return source.body ?? new Uint8Array()
  if (Symbol.asyncIterator in source && !(source instanceof ReadableStream)) {
    const parts: Uint8Array<ArrayBuffer>[] = []
    for await (const part of source) parts.push(part.slice())
    return new Blob(parts)
  }
  return source
}

function webWorker(): WorkerLike {
  if (typeof Worker === 'undefined')
    throw new UserError('worker', 'this engine has no web workers: give createWorker, or use Translator.load')
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }) as unknown as WorkerLike
}
