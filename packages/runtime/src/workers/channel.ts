/** The owner's end of a worker: requests and the replies to them. */
import { UserError } from '../errors.ts'
import { released } from '../translation-service.ts'
import { deserializeError } from './errors.ts'
import type { Reply, ReplyMessage, Request, RequestMessage, WorkerLike } from './protocol.ts'

type Success = Exclude<Reply, { kind: 'failed' }>
export type LoadProgress = Extract<ReplyMessage, { kind: 'progress' }>

interface Pending {
  resolve(reply: Success): void
  reject(error: Error): void
  onProgress?(progress: LoadProgress): void
}

export class WorkerChannel {
  /** Resolved once the worker runs; rejected with UserError `worker` if it does not start. */
  readonly ready: Promise<void>
  #isReady = false
  #settleReady!: { resolve(): void; reject(error: Error): void }
  readonly #pending = new Map<number, Pending>()
  #requests = 0
  #ended: Error | undefined

  constructor(readonly worker: WorkerLike) {
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject }
    })
    // It may fail before anybody waits.
    this.ready.catch(() => {})
    worker.onmessage = ({ data }) => this.#receive(data)
    worker.onerror = ({ message }) => {
      const what = this.#isReady ? 'died' : 'could not be started'
      this.#end(new UserError('worker', `a translator's worker ${what}: ${message ?? 'it gives no reason'}`))
      worker.terminate()
    }
  }

  /** Why it answers no more; absent while it does. */
  get ended(): Error | undefined {
    return this.#ended
  }

  /** Requests are answered in their order. @throws what the worker met; UserError `worker`, `released` */
  async ask<Kind extends Success['kind']>(
    expected: Kind,
    request: Request,
    options: { transfer?: ReadableStream<Uint8Array>[]; onProgress?: Pending['onProgress'] } = {},
  ): Promise<Extract<Success, { kind: Kind }>> {
    if (this.#ended) throw this.#ended
    const id = this.#requests++
    const reply = await new Promise<Success>((resolve, reject) => {
      const message: RequestMessage = { ...request, id }
      this.#pending.set(id, { resolve, reject, onProgress: options.onProgress })
      try {
        this.worker.postMessage(message, options.transfer ?? [])
      } catch (error) {
        this.#pending.delete(id)
        throw error
      }
    })
    if (!isKind(reply, expected)) throw new Error(`a worker replied ${reply.kind}; it was asked for ${expected}`)
    return reply
  }

  /** Ends the worker; what it was asked is rejected with UserError `released`. */
  terminate(): void {
    this.worker.terminate()
    this.#end(released())
  }

  #receive(message: ReplyMessage): void {
    if (message.kind === 'ready') {
      this.#isReady = true
      this.#settleReady.resolve()
      return
    }
    const pending = this.#pending.get(message.id)
    if (message.kind === 'progress') {
      pending?.onProgress?.(message)
      return
    }
    this.#pending.delete(message.id)
    if (message.kind === 'failed') pending?.reject(deserializeError(message.error))
    else pending?.resolve(message)
  }

  #end(error: Error): void {
    this.#ended ??= error
    this.#settleReady.reject(this.#ended)
    for (const { reject } of this.#pending.values()) reject(this.#ended)
    this.#pending.clear()
  }
}

function isKind<Kind extends Success['kind']>(reply: Success, kind: Kind): reply is Extract<Success, { kind: Kind }> {
  return reply.kind === kind
}
