/** Node's worker threads, as the runtime's translator uses workers. */
import { Worker } from 'node:worker_threads'
import type { WorkerLike } from '@espalier/runtime'

/** A thread that runs `worker.ts`. */
export function nodeWorker(): WorkerLike {
  const worker = new Worker(new URL('../packing/worker.js', import.meta.url))
  const port: WorkerLike = {
    onmessage: null,
    onerror: null,
    postMessage: (message, transfer) => worker.postMessage(message, transfer as never),
    terminate: () => worker.terminate(),
  }
  worker.on('message', data => port.onmessage?.({ data }))
  worker.on('error', error => port.onerror?.({ message: error.message }))
  return port
}
