/** The part of WebAssembly that the backend uses, declared here so that it compiles without the DOM's types. */

/** A memory; its buffer is another one after each growth. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike
  /** @throws RangeError if there is no more memory */
  grow(pages: number): number
}

/** A compiled module; it can be sent to other threads. */
export type WasmModule = object

declare const WebAssembly:
  | {
      readonly Memory: new (options: { initial: number; maximum: number; shared?: boolean }) => WasmMemory
      validate(bytes: Uint8Array<ArrayBuffer>): boolean
      compile(bytes: Uint8Array<ArrayBuffer>): Promise<WasmModule>
      instantiate(module: WasmModule, imports: object): Promise<{ readonly exports: object }>
    }
  | undefined

/** WebAssembly; undefined where an engine has none: some browsers switch it off. */
export const webAssembly = () => (typeof WebAssembly === 'undefined' ? undefined : WebAssembly)

/** A function that a module exports; all of its operands are numbers. */
export type WasmFunction = (...operands: number[]) => unknown

/** The functions of a module over a memory, which it imports as `env.memory`: by name, in the order of its exports. */
export async function functionsOf(module: WasmModule, memory: WasmMemory): Promise<Map<string, WasmFunction>> {
  // Whoever has a module has WebAssembly.
  const { exports } = await webAssembly()!.instantiate(module, { env: { memory } })
  return new Map(Object.entries(exports).filter(([, value]) => typeof value === 'function'))
}
