/** What a translator's threads say to each other. */
import type { KernelKind } from '../kernels/kernels.ts'
import type { LoadedModel } from '../network/load.ts'
import type { PackedSource } from '../packed/source.ts'
import type { TranslateOptions, Translation } from '../translator.ts'

/** Options that can be sent to another thread. */
export type PlainOptions = Omit<TranslateOptions, 'onProgress' | 'maxLength'>

export type Request =
  | { readonly kind: 'load'; readonly source: PackedSource; readonly shared: boolean; readonly kernels?: KernelKind }
  | { readonly kind: 'share'; readonly model: LoadedModel; readonly kernels?: KernelKind }
  | { readonly kind: 'translate'; readonly sentences: readonly string[]; readonly options: PlainOptions }

export type Answer =
  | { readonly kind: 'progress'; readonly received: number; readonly total?: number }
  | { readonly kind: 'loaded'; readonly model: ModelFacts; readonly loaded?: LoadedModel }
  | { readonly kind: 'translated'; readonly translations: Translation[][] }
  | { readonly kind: 'failed'; readonly error: PlainError }

/** What is told of a loaded model. */
export interface ModelFacts {
  readonly bytes: number
  readonly quality: LoadedModel['quality']
  readonly hasAttention: boolean
  /** Bytes of the memory that the kernels work in. */
  readonly memory: number
}

/** An error that crosses a border between threads. */
export interface PlainError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly section?: string
}

/** One end of a channel: a worker as its owner sees it, or its owner as a worker does. */
export interface Port<Out, In> {
  postMessage(message: Out, transfer?: Transferable[]): void
  onmessage: ((event: { data: In }) => void) | null
}
