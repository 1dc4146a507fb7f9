/** From a packed file to a translator in workers. */
import { UserError } from '../errors.ts'
import { checkWhole, LIMITS } from '../limits.ts'
import type { LoadOptions } from '../network/load.ts'
import { addressOf, checkResponse } from '../packed/fetch.ts'
import { checkSource, type PackedSource } from '../packed/source.ts'
import type { TranslationService } from '../translation-service.ts'
import { Translator } from '../translator.ts'
import { WorkerChannel } from './channel.ts'
import type { WorkerLike } from './protocol.ts'
import { WorkerTranslator } from './translator.ts'
import { createWebWorker } from './web-worker.ts'

export interface StartOptions extends LoadOptions {
  /**
   * Workers that share one memory; default 1, at most {@link LIMITS}`.threads`. More than one needs an engine that allows
   * shared memory (in a page: cross-origin isolation, see {@link canShareMemory}); elsewhere there is one.
   */
  readonly threads?: number
  /** Makes a worker that calls `serveTranslator`; default: a web worker of this package. */
  readonly createWorker?: () => WorkerLike
}

/** Whether several threads can work on one model here. */
export function canShareMemory(): boolean {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ?? true
  return typeof SharedArrayBuffer !== 'undefined' && typeof WebAssembly !== 'undefined' && isolated
}

/**
 * Loads a packed model in workers. Bytes are copied, streams and buffers of requests are handed over.
 * @throws what `Translator.load` does; UserError `worker` if a worker cannot be started, or dies
 */
export async function startTranslator(source: PackedSource, options: StartOptions = {}): Promise<WorkerTranslator> {
  checkSource(source)
  return loadIn(await startWorkers(options), source, options)
}

/**
 * The same where workers may be forbidden or missing: then the model is loaded on this thread.
 * @throws what `Translator.load` does
 */
export async function openTranslationService(
  source: PackedSource,
  options: StartOptions = {},
): Promise<TranslationService> {
  checkSource(source)
  let workers: WorkerChannel[]
  try {
    workers = await startWorkers(options)
  } catch (error) {
    if (error instanceof UserError && error.code === 'worker') return Translator.load(source, options)
    throw error
  }
  return loadIn(workers, source, options)
}

/** @returns workers of which the first runs */
async function startWorkers({ threads = 1, createWorker = createWebWorker }: StartOptions): Promise<WorkerChannel[]> {
  checkWhole('threads', threads, LIMITS.threads)
  const workers: WorkerChannel[] = []
  try {
    for (let i = 0; i < (canShareMemory() ? threads : 1); i++) workers.push(new WorkerChannel(createWorker()))
    await workers[0].ready
    return workers
  } catch (error) {
    for (const worker of workers) worker.terminate()
    throw error
  }
}

async function loadIn(
  workers: readonly WorkerChannel[],
  source: PackedSource,
  { onProgress, kernels }: LoadOptions,
): Promise<WorkerTranslator> {
  try {
    const [first, ...others] = workers
    const load = (sent: PackedSource) =>
      first.ask(
        'loaded',
        { kind: 'load', source: sent, shared: others.length > 0, kernels },
        {
          transfer: sent instanceof ReadableStream ? [sent] : [],
          onProgress: ({ received, total }) => onProgress?.(received, total),
        },
      )
    const sent = await sendable(source)
    const { model, hasAttention, parts } = await load(sent).catch(async error => {
      // Safari hands no streams over.
      if (!(sent instanceof ReadableStream && error.name === 'DataCloneError')) throw error
      return load(await new Response(sent).blob())
    })
    if (parts) await Promise.all(others.map(worker => worker.ask('loaded', { kind: 'share', model: parts, kernels })))
    return new WorkerTranslator(workers, model, hasAttention)
  } catch (error) {
    for (const worker of workers) worker.terminate()
    throw error
  }
}

/** What can be sent to a worker: addresses as text, whole; requests' answers as their streams. */
async function sendable(source: PackedSource): Promise<PackedSource> {
  if (typeof source === 'string' || source instanceof URL) return addressOf(source)
  if (source instanceof Response) {
    checkResponse(source)
    return source.body ?? new Uint8Array()
  }
  if (Symbol.asyncIterator in source && !(source instanceof ReadableStream)) {
    const parts: Uint8Array<ArrayBuffer>[] = []
    for await (const part of source) parts.push(part.slice())
    return new Blob(parts)
  }
  return source
}
