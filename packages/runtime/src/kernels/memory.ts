/** The memory that kernels work in: WebAssembly's, or an ArrayBuffer where an engine has no WebAssembly. */
import { UserError } from '../errors.ts'

/** Bytes of a page, the unit in which memories grow. */
export const PAGE = 65_536
const MAXIMUM_PAGES = 65_536
/** A memory that may not grow to 64 MB is of no use. */
const MINIMUM_PAGES = 1024

/** The part of `WebAssembly.Memory` that is used. Declared here, so that programs without the DOM's types compile. */
export interface KernelMemory {
  /** Replaced by each growth. */
  readonly buffer: ArrayBufferLike
  /** @returns the number of pages before @throws RangeError if there is no more memory */
  grow(pages: number): number
}

/** Whether this engine has WebAssembly at all; some browsers switch it off. */
export const hasWebAssembly = () => typeof WebAssembly !== 'undefined'

/**
 * @param shared whether threads can share it; that needs WebAssembly
 * @throws UserError `out-of-memory`
 */
export function createMemory(shared: boolean): KernelMemory {
  if (!hasWebAssembly()) return new PlainMemory()
  // Engines reserve the addresses of a shared memory at once; phones have fewer of them.
  for (let maximum = MAXIMUM_PAGES; ; maximum /= 2)
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, ...(shared && { shared }) })
    } catch (cause) {
      if (maximum <= MINIMUM_PAGES)
        throw new UserError('out-of-memory', 'the engine gives no memory to WebAssembly', { cause })
    }
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
