/** The memory that kernels work in: WebAssembly's, or an ArrayBuffer where an engine has no WebAssembly. */

/** Bytes of a page, the unit in which memories grow. */
export const PAGE = 65_536
const MAXIMUM_PAGES = 65_536

/** The part of `WebAssembly.Memory` that is used. Declared here, so that programs without the DOM's types compile. */
export interface KernelMemory {
  /** Replaced by each growth. */
  readonly buffer: ArrayBufferLike
  /** @returns the number of pages before @throws RangeError if there is no more memory */
  grow(pages: number): number
}

/** Whether this engine has WebAssembly at all; some browsers switch it off. */
export const hasWebAssembly = () => typeof WebAssembly !== 'undefined'

/** @param shared whether threads can share it; that needs WebAssembly */
export function createMemory(shared: boolean): KernelMemory {
  if (!hasWebAssembly()) return new PlainMemory()
  return new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES, ...(shared && { shared }) })
}

/** For the scalar kernels alone. */
class PlainMemory implements KernelMemory {
  buffer = new ArrayBuffer(PAGE)

  grow(pages: number): number {
    const before = this.buffer.byteLength
    const larger = new ArrayBuffer(before + pages * PAGE)
    new Uint8Array(larger).set(new Uint8Array(this.buffer))
    this.buffer = larger
    return before / PAGE
  }
}
