/** The page's side of a worker: calls that are answered, and events. */
import { type Calls, type Message, type Request, WorkerEnded, WorkerFailure } from './messages.ts'

interface Waiting {
  resolve(answer: unknown): void
  reject(error: Error): void
}

/** A worker that did not start, or that the browser ended. */
const DIED = 'worker-died'

export class WorkerLink<C extends Calls, Event = never> {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  /** Resolves when the worker's script runs: what is sent before that may be lost. */
  readonly #ready: Promise<void>
  #calls = 0
  #ended: Error | undefined

  constructor(worker: Worker, onEvent: (event: Event) => void = () => {}) {
    this.#worker = worker
    this.#ready = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Message>) => {
        if (data.kind === 'ready') resolve()
        else if (data.kind === 'event') onEvent(data.event as Event)
        else this.#settle(data)
      }
      worker.onerror = event => {
        event.preventDefault()
        const error = new WorkerFailure({ message: event.message || 'its script could not be fetched', code: DIED })
        reject(error)
        this.#end(error)
      }
    })
    this.#ready.catch(() => {})
  }

  /**
   * @param transfer buffers that are handed over, not copied
   * @throws WorkerFailure; WorkerEnded after {@link end}
   */
  async call<K extends keyof C & string>(
    name: K,
    argument: C[K]['argument'],
    transfer: Transferable[] = [],
  ): Promise<C[K]['answer']> {
    await this.#ready
    if (this.#ended) throw this.#ended
    const id = this.#calls++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ id, name, argument } satisfies Request, transfer)
    })
  }

  /** Ends the worker; what waits for an answer is rejected. */
  end(): void {
    this.#end(new WorkerEnded())
  }

  #end(error: Error): void {
    if (this.#ended) return
    this.#ended = error
    this.#worker.terminate()
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  #settle(message: Extract<Message, { readonly id: number }>): void {
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.kind === 'answer') waiting?.resolve(message.answer)
    else waiting?.reject(new WorkerFailure(message.failure))
  }
}
