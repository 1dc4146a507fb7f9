/** The models of the page, fetched when they are needed, each translating in a worker of its own. */
import type { Translation } from '@espalier/runtime'
import { addressOf, type Description } from './list.ts'
import { WorkerFailure } from './workers/messages.ts'
import type { ModelFile } from './workers/model-calls.ts'
import { startTranslatorWorker } from './workers/start.ts'

/** What translates a visitor's text. */
export interface TextTranslator {
  readonly hasAttention: boolean
  translate(
    sentences: readonly string[],
    options: { readonly signal?: AbortSignal; readonly attention?: boolean; readonly batchSize?: number },
  ): Promise<Translation[][]>
}

export type LoadState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'loading'; readonly received: number; readonly total?: number }
  | { readonly kind: 'ready'; readonly translator: TextTranslator }
  | { readonly kind: 'failed'; readonly message: string }

export class ModelLoader {
  readonly #states = new Map<Description, LoadState>()
  readonly #files = new Map<Description, Promise<ModelFile>>()
  readonly #listeners: ((model: Description, state: LoadState) => void)[] = []

  /** @param models those of the folder, and the visitor's own if there is one */
  constructor(readonly models: readonly Description[]) {}

  state(model: Description): LoadState {
    return this.#states.get(model) ?? { kind: 'waiting' }
  }

  translator(model: Description): TextTranslator | undefined {
    const state = this.state(model)
    return state.kind === 'ready' ? state.translator : undefined
  }

  /** Calls back whenever a model's state changes. */
  onChange(listener: (model: Description, state: LoadState) => void): void {
    this.#listeners.push(listener)
  }

  /** Loads a model, unless that was begun before. It does not throw: the state says what became of it. */
  async need(model: Description): Promise<void> {
    if (model.live || this.state(model).kind !== 'waiting') return
    this.set(model, { kind: 'loading', received: 0 })
    try {
      const { bytes } = await this.file(model)
      this.set(model, { kind: 'ready', translator: await openTranslator(bytes) })
    } catch (error) {
      this.set(model, { kind: 'failed', message: errorMessage(error) })
    }
  }

  /** A model's packed file, fetched once. */
  file(model: Description): Promise<ModelFile> {
    let found = this.#files.get(model)
    if (!found) {
      found = this.#fetch(model)
      this.#files.set(model, found)
      // What failed may be tried again.
      found.catch(() => this.#files.delete(model))
    }
    return found
  }

  set(model: Description, state: LoadState): void {
    this.#states.set(model, state)
    for (const listener of this.#listeners) listener(model, state)
  }

  async #fetch(model: Description): Promise<ModelFile> {
    const bytes = await fetchBytes(addressOf(model), (received, total) => {
      if (this.state(model).kind === 'loading') this.set(model, { kind: 'loading', received, total })
    })
    return { file: model.file, bytes }
  }
}

/** A translator in a worker of its own. @throws WorkerFailure */
async function openTranslator(bytes: Blob): Promise<TextTranslator> {
  const worker = startTranslatorWorker()
  try {
    const { hasAttention } = await worker.call('load', { bytes })
    return {
      hasAttention,
      translate: async (sentences, { signal, ...options }) => {
        const translations = await worker.call('translate', { sentences, ...options })
        signal?.throwIfAborted()
        return translations
      },
    }
  } catch (error) {
    worker.end()
    throw error
  }
}

async function fetchBytes(address: URL, onProgress: (received: number, total?: number) => void): Promise<Blob> {
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address}: the server answered ${response.status} ${response.statusText}`)
  if (!response.body) return response.blob()
  const total = Number(response.headers.get('content-length')) || undefined
  const parts: Uint8Array<ArrayBuffer>[] = []
  let received = 0
  const reader = response.body.getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value)
    received += part.value.length
    onProgress(received, total)
  }
  return new Blob(parts)
}

/** What an error says to a reader. */
export function errorMessage(error: unknown): string {
  if (error instanceof WorkerFailure && error.code === 'damaged-file') return `The file is damaged: ${error.message}.`
  const { message } = error as Error
  return message === 'Failed to fetch' || message.startsWith('NetworkError')
    ? 'The file could not be fetched: is the server still running?'
    : message
}
