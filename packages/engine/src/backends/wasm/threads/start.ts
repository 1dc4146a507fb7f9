/** Starts threads: web workers where there are any, else those of Node. */
import { nodeThreads } from './node.ts'
import type { OwnerMessage, ThreadMessage } from './protocol.ts'

/** The owner's end of a thread. */
export interface Thread {
  send(message: OwnerMessage): void
  onmessage: (message: ThreadMessage) => void
  /** Called where it does not start, or ends by itself. */
  onend: (reason: string) => void
  /** Whether it keeps Node from ending. */
  hold(held: boolean): void
  end(): Promise<void>
}

interface WebWorker {
  postMessage(message: OwnerMessage): void
  onmessage: ((event: { data: ThreadMessage }) => void) | null
  onmessageerror: (() => void) | null
  onerror: ((event: { message?: string; preventDefault(): void }) => void) | null
  terminate(): void
}
type WebWorkerClass = new (url: object, options: { type: 'module' }) => WebWorker
declare const Worker: WebWorkerClass | undefined
declare const URL: new (url: string, base: string) => object
/** What this module's `import.meta` has; written where it is used, bundlers find the file beside the module. */
interface Meta {
  readonly url: string
}

/** Whether threads can work on one memory here; a page has to be isolated from other origins. */
export function canShareMemory(): boolean {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ?? true
  return isolated && typeof SharedArrayBuffer !== 'undefined' && (typeof Worker !== 'undefined' || !!nodeThreads())
}

/** @throws Error a policy forbids it */
export function startThread(): Thread {
  return typeof Worker === 'undefined' ? startNodeThread() : startWebWorker(Worker)
}

function startWebWorker(Worker: WebWorkerClass): Thread {
  // Bundlers look for this very expression.
  const worker = new Worker(new URL('./thread.js', (import.meta as Meta).url), { type: 'module' })
  const thread = ends({ send: message => worker.postMessage(message), end: async () => worker.terminate() })
  worker.onmessage = ({ data }) => thread.onmessage(data)
  worker.onmessageerror = () => thread.onend('what it sent could not be read')
  worker.onerror = event => {
    event.preventDefault()
    // Not as a URL, of which bundlers would make a file.
    thread.onend(
      event.message || `thread.js beside ${(import.meta as Meta).url} cannot be loaded, or a policy forbids it`,
    )
  }
  return thread
}

function startNodeThread(): Thread {
  // Without Node's threads nothing is started: canShareMemory.
  const { Worker } = nodeThreads()!
  // Sources, as tests run them, have no JavaScript beside them; a thread is started from what was built.
  const file = (import.meta as Meta).url.endsWith('.ts')
    ? '../../../../dist/backends/wasm/threads/thread.js'
    : './thread.js'
  // Options of the program, such as --input-type, are none of the thread's.
  const worker = new Worker(new URL(file, (import.meta as Meta).url), { execArgv: [] })
  let ended = false
  const thread = ends({
    send: message => worker.postMessage(message),
    hold: held => (held ? worker.ref() : worker.unref()),
    end: async () => {
      ended = true
      await worker.terminate()
    },
  })
  const end = (reason: string) => {
    if (!ended) thread.onend(reason)
  }
  worker.on('message', (message: ThreadMessage) => thread.onmessage(message))
  worker.on('messageerror', (error: Error) => end(error.message))
  worker.on('error', (error: Error) => end(error.message))
  worker.on('exit', (status: number) => end(`it ended with exit status ${status}`))
  return thread
}

const ends = (own: Pick<Thread, 'send' | 'end'> & Partial<Thread>): Thread => ({
  onmessage: () => {},
  onend: () => {},
  hold: () => {},
  ...own,
})
