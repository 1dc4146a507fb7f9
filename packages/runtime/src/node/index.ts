/** Node's worker threads for `startTranslator`. The main entry needs no Node module and has none. */
import { Worker } from 'node:worker_threads'
import type { ReplyMessage, WorkerLike } from '../workers/protocol.ts'

/**
 * A thread that translates, for `startTranslator(model, { createWorker: createNodeWorker })`. A thread that has nothing to
 * do does not keep the program from ending.
 */
export function createNodeWorker(): WorkerLike {
  // Options of the program, such as --input-type, are none of the thread's.
  const worker = new Worker(new URL('./worker.js', import.meta.url), { execArgv: [] })
  let unanswered = 0
  const port: WorkerLike = {
    onmessage: null,
    onerror: null,
    postMessage: (message, transfer) => {
      // Node hands streams over, but the types of Node 20 do not say so.
      worker.postMessage(message, transfer as never)
      unanswered++
      worker.ref()
    },
    terminate: () => worker.terminate(),
  }
  worker.on('message', (data: ReplyMessage) => {
    if (data.kind !== 'ready' && data.kind !== 'progress') unanswered--
    if (unanswered === 0) worker.unref()
    port.onmessage?.({ data })
  })
  worker.on('messageerror', ({ message }) => port.onerror?.({ message }))
  worker.on('error', ({ message }) => port.onerror?.({ message }))
  worker.on('exit', status => port.onerror?.({ message: `it ended with exit status ${status}` }))
  return port
}
