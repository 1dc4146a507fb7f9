/** The memory that kernels work in: WebAssembly's, or one of our own where an engine has no WebAssembly. */

/** Bytes of a page, the unit in which memories grow. */
export const PAGE = 65_536
const MOST_PAGES = 65_536

/** What is used of a `WebAssembly.Memory`. Declared here, so that programs without the DOM's types can use ours. */
export interface KernelMemory {
  /** Another buffer after each growth. */
  readonly buffer: ArrayBufferLike
  /** @returns the pages there were before @throws RangeError if there is no more memory */
  grow(pages: number): number
}

/** Whether this engine has WebAssembly at all; some browsers switch it off. */
export const hasWebAssembly = () => typeof WebAssembly !== 'undefined'

/** @param shared whether threads can share it; needs WebAssembly */
export function createMemory(shared: boolean): KernelMemory {
  if (!hasWebAssembly()) return new PlainMemory()
  return new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, ...(shared && { shared }) })
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
