/** The models of the page, loaded one after the other, each in a worker of its own. */
import { PackedFileError, startTranslator, type WorkerTranslator } from '@espalier/runtime'
import { addressOf, type Description } from './list.ts'

export type LoadState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'loading'; readonly received: number; readonly total?: number }
  | { readonly kind: 'ready'; readonly translator: WorkerTranslator }
  | { readonly kind: 'failed'; readonly message: string }

export class ModelLoader {
  readonly #states = new Map<Description, LoadState>()
  readonly #listeners: ((model: Description, state: LoadState) => void)[] = []

  constructor(readonly models: readonly Description[]) {}

  state(model: Description): LoadState {
    return this.#states.get(model) ?? { kind: 'waiting' }
  }

  translator(model: Description): WorkerTranslator | undefined {
    const state = this.state(model)
    return state.kind === 'ready' ? state.translator : undefined
  }

  /** Calls back whenever a model's state changes. */
  onChange(listener: (model: Description, state: LoadState) => void): void {
    this.#listeners.push(listener)
  }

  /** Loads all of them, `first` first. */
  async load(first: Description): Promise<void> {
    for (const model of [first, ...this.models.filter(model => model !== first)]) await this.#load(model)
  }

  async #load(model: Description): Promise<void> {
    this.#set(model, { kind: 'loading', received: 0 })
    try {
      const translator = await startTranslator(addressOf(model), {
        onProgress: (received, total) => this.#set(model, { kind: 'loading', received, total }),
      })
      this.#set(model, { kind: 'ready', translator })
    } catch (error) {
      this.#set(model, { kind: 'failed', message: errorMessage(error) })
    }
  }

  #set(model: Description, state: LoadState): void {
    this.#states.set(model, state)
    for (const listener of this.#listeners) listener(model, state)
  }
}

/** What an error says to a reader. */
export function errorMessage(error: unknown): string {
  if (error instanceof PackedFileError && error.code === 'damaged-file') return `The file is damaged: ${error.message}.`
  const { message } = error as Error
  return message === 'Failed to fetch' || message.startsWith('NetworkError')
    ? 'The file could not be fetched: is the server still running?'
    : message
}
