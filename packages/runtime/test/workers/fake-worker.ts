/** Workers without threads: both ends of the protocol in one, what passes between them cloned as structured data is. */
import type { Port, ReplyMessage, RequestMessage, WorkerLike } from '../../src/workers/protocol.ts'
import { serveTranslator } from '../../src/workers/serve.ts'

/** A worker whose replies a test gives. */
export class FakeWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null
  onerror: WorkerLike['onerror'] = null
  readonly requests: RequestMessage[] = []
  terminated = false

  /** @param answer is given each request; what it returns is replied */
  constructor(readonly answer: (request: RequestMessage) => ReplyMessage[] = () => []) {
    queueMicrotask(() => this.reply({ kind: 'ready' }))
  }

  postMessage(message: RequestMessage): void {
    const request = structuredClone(message)
    this.requests.push(request)
    for (const reply of this.answer(request)) this.reply(reply)
  }

  reply(message: ReplyMessage): void {
    const data = structuredClone(message)
    queueMicrotask(() => {
      if (!this.terminated) this.onmessage?.({ data })
    })
  }

  die(message?: string): void {
    this.onerror?.({ message })
  }

  terminate(): void {
    this.terminated = true
  }
}

/** A worker that runs {@link serveTranslator}, in turns of its own. */
export function servedWorker(): WorkerLike {
  const owner: WorkerLike = {
    onmessage: null,
    onerror: null,
    postMessage: (message, transfer) => {
      const data = structuredClone(message, { transfer: transfer as unknown as ArrayBuffer[] })
      setImmediate(() => port.onmessage?.({ data }))
    },
    terminate: () => {
      port.onmessage = null
      owner.onmessage = null
    },
  }
  const port: Port<ReplyMessage, RequestMessage> = {
    onmessage: null,
    postMessage: message => {
      const data = structuredClone(message)
      setImmediate(() => owner.onmessage?.({ data }))
    },
  }
  serveTranslator(port)
  return owner
}
