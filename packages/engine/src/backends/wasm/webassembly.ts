/** The part of WebAssembly that the backend uses, declared here so that it compiles without the DOM's types. */

/** A memory; its buffer is another one after each growth. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike
  /** @throws RangeError if there is no more memory */
  grow(pages: number): number
}

declare const WebAssembly:
  | {
      readonly Memory: new (options: { initial: number; maximum: number }) => WasmMemory
      validate(bytes: Uint8Array<ArrayBuffer>): boolean
      compile(bytes: Uint8Array<ArrayBuffer>): Promise<object>
      instantiate(module: object, imports: object): Promise<{ readonly exports: object }>
    }
  | undefined

/** WebAssembly; undefined where an engine has none: some browsers switch it off. */
export const webAssembly = () => (typeof WebAssembly === 'undefined' ? undefined : WebAssembly)
