/** Node's threads, where there are any; nothing of Node is imported, so that pages and bundlers find nothing to load. */

export interface NodeWorker {
  on(event: 'message' | 'error' | 'messageerror' | 'exit', listener: (value: never) => void): void
  postMessage(message: unknown): void
  /** Whether the thread keeps the program from ending. */
  ref(): void
  unref(): void
  terminate(): Promise<unknown>
}

interface NodeThreads {
  readonly Worker: new (url: object, options: { execArgv: string[] }) => NodeWorker
  /** The way to the owner; null in the main thread. */
  readonly parentPort: unknown
}

/** The module `node:worker_threads`; undefined in a page. */
export function nodeThreads(): NodeThreads | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  return process?.getBuiltinModule?.('node:worker_threads') as NodeThreads | undefined
}
