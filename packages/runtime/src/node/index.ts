/** Node's worker threads for `startTranslator`. The main entry needs no Node module and has none. */
import { Worker } from 'node:worker_threads'
import type { WorkerLike } from '../workers/protocol.ts'

/**
 * A thread that translates, for `startTranslator(model, { createWorker: createNodeWorker })`. A program ends only after
 * the translator was released.
 */
export function createNodeWorker(): WorkerLike {
  const worker = new Worker(new URL('./worker.js', import.meta.url))
  const port: WorkerLike = {
    onmessage: null,
    onerror: null,
    // Node hands streams over, but the types of Node 20 do not say so.
    postMessage: (message, transfer) => worker.postMessage(message, transfer as never),
    terminate: () => worker.terminate(),
  }
  worker.on('message', data => port.onmessage?.({ data }))
  worker.on('messageerror', ({ message }) => port.onerror?.({ message }))
  worker.on('error', ({ message }) => port.onerror?.({ message }))
  worker.on('exit', status => port.onerror?.({ message: `it ended with exit status ${status}` }))
  return port
}
