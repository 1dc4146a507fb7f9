/** The threads of a backend: their start, their functions and their end. */
import { BackendError } from '../../../errors.ts'
import type { WasmFunction, WasmMemory, WasmModule } from '../webassembly.ts'
import { SharedCommand } from './command.ts'
import type { OwnerMessage } from './protocol.ts'
import { startThread, type Thread } from './start.ts'

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

/** Threads beside the one that owns them, which is thread 0 and works, too. */
export class ThreadPool {
  readonly threads: number
  readonly #command: SharedCommand
  readonly #others: readonly Thread[]
  /** For each thread, what waits for its answers. */
  readonly #waiting: Waiting[][]
  #ended: BackendError | undefined

  private constructor(others: readonly Thread[]) {
    this.#others = others
    this.threads = others.length + 1
    this.#command = new SharedCommand(this.threads)
    this.#waiting = others.map(() => [])
    others.forEach((thread, i) => {
      thread.onend = reason => this.#end(new BackendError('thread', `a thread of WebAssembly ended: ${reason}`))
      thread.onmessage = message => {
        const waiting = this.#waiting[i].shift()
        if (message.kind === 'done') waiting?.resolve()
        else waiting?.reject(new BackendError('thread', `a thread of WebAssembly failed: ${message.message}`))
      }
    })
  }

  /** @throws BackendError `thread`: one does not start */
  static async start(threads: number, memory: WasmMemory): Promise<ThreadPool> {
    const others: Thread[] = []
    try {
      while (others.length < threads - 1) others.push(startThread())
    } catch (cause) {
      for (const thread of others) await thread.end()
      throw new BackendError('thread', `a thread of WebAssembly does not start: ${(cause as Error).message}`, { cause })
    }
    const pool = new ThreadPool(others)
    await pool.#ask(thread => ({ kind: 'start', memory, thread, threads, command: pool.#command.buffer }))
    return pool
  }

  /**
   * Makes a module's functions known to all threads: those with the next numbers.
   * @param scratch for each thread, a piece of memory that is its own
   * @throws BackendError `thread`
   */
  async add(module: WasmModule, scratch?: readonly number[]): Promise<void> {
    this.#command.recall()
    await this.#ask(thread => ({ kind: 'add', module, scratch: scratch?.[thread] }))
  }

  /**
   * Does a function for all units, in as many parts; returns when all are done.
   * @throws BackendError `thread`: one has ended; what the function throws
   */
  run(functions: readonly WasmFunction[], index: number, units: number, parts: number, operands: number[]): void {
    if (this.#ended) throw this.#ended
    for (const thread of this.#command.absentees()) this.#others[thread - 1].send({ kind: 'work' })
    try {
      this.#command.run(functions, index, units, parts, operands)
    } catch (cause) {
      const error = new BackendError('thread', `a thread of WebAssembly failed: ${(cause as Error).message}`, { cause })
      this.#end(error)
      throw error
    }
  }

  /** Milliseconds that thread 0 has waited for the others. */
  get waited(): number {
    return this.#command.waited
  }

  /** Why it runs nothing any more; absent while it does. */
  get ended(): BackendError | undefined {
    return this.#ended
  }

  /** Ends the threads. @param reason what every later call is refused with */
  async release(reason: BackendError): Promise<void> {
    this.#ended ??= reason
    for (const waiting of this.#waiting.flat()) waiting.reject(this.#ended)
    await Promise.all(this.#others.map(thread => thread.end()))
  }

  /** Sends a message to each thread and waits for all answers; meanwhile the threads keep Node from ending. */
  async #ask(message: (thread: number) => OwnerMessage): Promise<void> {
    if (this.#ended) throw this.#ended
    const hold = (held: boolean) => {
      for (const thread of this.#others) thread.hold(held)
    }
    hold(true)
    try {
      await Promise.all(
        this.#others.map((thread, i) => {
          const answer = new Promise<void>((resolve, reject) => this.#waiting[i].push({ resolve, reject }))
          thread.send(message(i + 1))
          return answer
        }),
      )
    } catch (error) {
      this.#end(error as BackendError)
      throw error
    }
    if (this.#waiting.every(waiting => waiting.length === 0)) hold(false)
  }

  #end(error: BackendError): void {
    this.release(error).catch(() => {})
  }
}
