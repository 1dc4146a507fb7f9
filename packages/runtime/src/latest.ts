/** For text that is still being typed: only what was asked for last is translated. */
import type { TranslateOptions, Translation, TranslationService } from './translation-service.ts'

/** A request was superseded by a newer one. */
export class SupersededError extends Error {
  readonly code = 'superseded'

  constructor() {
    super('a newer request took the place of this one')
    this.name = 'SupersededError'
  }
}

/** Asks a translator one thing at a time: a new request takes the place of the one before. */
export class LatestTranslation {
  #last = new AbortController()

  constructor(readonly service: TranslationService) {}

  /** @throws SupersededError once another request is made before this one is answered */
  async translate(
    sentences: readonly string[],
    options: Omit<TranslateOptions, 'signal'> = {},
  ): Promise<Translation[][]> {
    this.#last.abort(new SupersededError())
    this.#last = new AbortController()
    return this.service.translate(sentences, { ...options, signal: this.#last.signal })
  }

  /** Drops the request that is not answered yet; it is rejected with an `AbortError`. */
  cancel(): void {
    this.#last.abort()
  }
}
