/** The workers of one translator, each lent to one batch at a time. */
import type { WorkerChannel } from './channel.ts'

interface Waiting {
  resolve(worker: WorkerChannel): void
  reject(error: Error): void
}

export class WorkerPool {
  readonly #workers: readonly WorkerChannel[]
  #idle: WorkerChannel[]
  readonly #waiting: Waiting[] = []

  constructor(workers: readonly WorkerChannel[]) {
    this.#workers = workers
    this.#idle = [...workers]
  }

  /** Workers that live. */
  get size(): number {
    return this.#workers.filter(({ ended }) => !ended).length
  }

  /** A worker that lives and is idle, as soon as there is one. @throws the reason why none lives */
  async take(): Promise<WorkerChannel> {
    this.#idle = this.#idle.filter(({ ended }) => !ended)
    const worker = this.#idle.shift()
    if (worker) return worker
    if (this.size === 0) throw this.#reason()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  give(worker: WorkerChannel): void {
    if (!worker.ended) {
      const next = this.#waiting.shift()
      if (next) next.resolve(worker)
      else this.#idle.push(worker)
    } else if (this.size === 0) for (const { reject } of this.#waiting.splice(0)) reject(this.#reason())
  }

  terminate(): void {
    for (const worker of this.#workers) worker.terminate()
  }

  #reason(): Error {
    return this.#workers.find(({ ended }) => ended)?.ended ?? new Error('there are no workers')
  }
}
