/** A worker's side: answers calls by name. */
import { type Calls, failureOf, type Message, type Request } from './messages.ts'

/** What a handler answers, and the buffers in it that are handed over. */
export interface Answer<T> {
  readonly answer: T
  readonly transfer?: Transferable[]
}

export type Handlers<C extends Calls> = {
  readonly [K in keyof C]: (argument: C[K]['argument']) => Promise<Answer<C[K]['answer']>> | Answer<C[K]['answer']>
}

/** What a worker's global object has; the types of a page know that of a window. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Request>) => void) | null
  postMessage(message: Message, transfer?: Transferable[]): void
}

const scope = globalThis as unknown as WorkerScope

/** Tells the page something that it did not ask for. */
export function tell(event: unknown, transfer: Transferable[] = []): void {
  scope.postMessage({ kind: 'event', event }, transfer)
}

/** @param inTurn whether a call waits for those before it */
export function serve<C extends Calls>(handlers: Handlers<C>, { inTurn }: { readonly inTurn: boolean }): void {
  let last: Promise<unknown> = Promise.resolve()
  scope.onmessage = ({ data: { id, name, argument } }) => {
    const work = async () => {
      try {
        const { answer, transfer } = await handlers[name](argument)
        scope.postMessage({ kind: 'answer', id, answer }, transfer)
      } catch (error) {
        scope.postMessage({ kind: 'failure', id, failure: failureOf(error) })
      }
    }
    last = inTurn ? last.then(work) : work()
  }
  scope.postMessage({ kind: 'ready' })
}
