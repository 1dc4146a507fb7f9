/** What a translator's owner and its workers say to each other. */
import type { KernelKind } from '../kernels/kernels.ts'
import type { LoadedModel } from '../network/load.ts'
import type { PackedSource } from '../packed/source.ts'
import type { ModelInfo, TranslateOptions, Translation } from '../translation-service.ts'
import type { SerializedError } from './errors.ts'

/** Options that can be sent to another thread. Functions cannot: `maxLength` is sent as a table. */
export interface SerializableOptions extends Omit<TranslateOptions, 'onProgress' | 'maxLength' | 'signal'> {
  /** The greatest length for a source of 1, 2, … tokens. */
  readonly maxLengths?: readonly number[]
}

export type Request =
  | { readonly kind: 'load'; readonly source: PackedSource; readonly shared: boolean; readonly kernels?: KernelKind }
  | { readonly kind: 'share'; readonly model: LoadedModel; readonly kernels?: KernelKind }
  | { readonly kind: 'translate'; readonly sentences: readonly string[]; readonly options: SerializableOptions }

/** A request with the number that its replies carry. */
export type RequestMessage = Request & { readonly id: number }

export type Reply =
  | { readonly kind: 'loaded'; readonly model: ModelInfo; readonly hasAttention: boolean; readonly parts?: LoadedModel }
  | { readonly kind: 'translated'; readonly translations: Translation[][] }
  | { readonly kind: 'failed'; readonly error: SerializedError }

export type ReplyMessage =
  /** The worker has started; sent once, unasked. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly id: number; readonly received: number; readonly total?: number }
  | (Reply & { readonly id: number })

/** One end of a channel: a worker as its owner sees it, or its owner as a worker does. */
export interface Port<Out, In> {
  /** @param transfer streams that are handed over instead of copied */
  postMessage(message: Out, transfer?: ReadableStream<Uint8Array>[]): void
  onmessage: ((event: { data: In }) => void) | null
}

/** A worker, as far as it is used. */
export interface WorkerLike extends Port<RequestMessage, ReplyMessage> {
  /** Called where it does not start, or dies. */
  onerror: ((event: { message?: string }) => void) | null
  terminate(): unknown
}
