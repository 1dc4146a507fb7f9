/** What the owner of threads and a thread say to each other in messages; commands go through memory: command.ts. */
import type { WasmMemory, WasmModule } from '../webassembly.ts'

export type OwnerMessage =
  /** Sent first. */
  | {
      readonly kind: 'start'
      readonly memory: WasmMemory
      /** The buffer of the command. */
      readonly command: SharedArrayBuffer
      readonly threads: number
      /** Which thread this is, from 1: the owner is thread 0. */
      readonly thread: number
    }
  /** Appends the functions of a module to those that commands can name. */
  | { readonly kind: 'add'; readonly module: WasmModule; readonly scratch?: number }
  /** Work on commands until there has been none for a while. */
  | { readonly kind: 'work' }

/** Each `start` and each `add` is answered, in their order. */
export type ThreadMessage = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly message: string }
