/** Work that only its latest request matters of. */

export class Latest {
  #timer: ReturnType<typeof setTimeout> | undefined
  #controller = new AbortController()

  /** Drops what was asked before, and does this after a while in which nothing else was asked. */
  ask(wait: number, work: (signal: AbortSignal) => Promise<void>): void {
    clearTimeout(this.#timer)
    this.#controller.abort()
    this.#controller = new AbortController()
    const { signal } = this.#controller
    this.#timer = setTimeout(() => {
      work(signal).catch(error => {
        // Superseded is not failed.
        if (!signal.aborted) reportError(error)
      })
    }, wait)
  }
}
