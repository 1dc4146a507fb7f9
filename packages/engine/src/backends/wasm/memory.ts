/** The memory that arrays and kernels share: blocks of it, and views that stay right when it grows. */
import { BackendError } from '../../errors.ts'
import type { DType } from '../../graph/tensor.ts'
import type { NumberArray } from '../backend.ts'
import { type WasmMemory, webAssembly } from './webassembly.ts'

const PAGE = 65_536
/** Bytes; blocks begin at multiples of it and end with it: kernels may read up to four numbers beyond the last. */
export const ALIGNMENT = 64

/** Rounds up to whole units of the alignment. */
export const aligned = (bytes: number) => Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT)

/** The bytes of one number. */
export const BYTES: Record<DType, number> = { float32: 4, float64: 8, int32: 4, int64: 8, bool: 1 }

const MAXIMUM_PAGES = 65_536
/** A memory that may not grow to 64 MiB is of no use. */
const MINIMUM_PAGES = 1024

/**
 * @param shared whether threads can share it
 * @throws BackendError `out-of-memory`
 */
export function createMemory(shared: boolean): WasmMemory {
  // Engines reserve the addresses of a shared memory at once; phones have fewer of them.
  for (let maximum = MAXIMUM_PAGES; ; maximum /= 2)
    try {
      // Kernels are compiled before there is a memory for them.
      return new (webAssembly()!.Memory)({ initial: 16, maximum, ...(shared && { shared }) })
    } catch (cause) {
      if (maximum <= MINIMUM_PAGES)
        throw new BackendError('out-of-memory', 'the engine gives no memory to WebAssembly', { cause })
    }
}

interface Span {
  pointer: number
  bytes: number
}

/** A first-fit allocator over one WebAssembly memory. */
export class Memory {
  readonly #memory: WasmMemory
  /** Free spans in order of their pointers. */
  #free: Span[]
  readonly #sizes = new Map<number, number>()
  /** All of the memory as floats and as bytes, for code that is called often; replaced when the memory grows. */
  floats: Float32Array
  bytes: Uint8Array

  constructor(memory: WasmMemory) {
    this.#memory = memory
    // The first bytes are left out: a pointer of 0 stands for nothing.
    this.#free = [{ pointer: ALIGNMENT, bytes: memory.buffer.byteLength - ALIGNMENT }]
    this.floats = new Float32Array(memory.buffer)
    this.bytes = new Uint8Array(memory.buffer)
  }

  /**
   * @returns a pointer to a block that is not cleared
   * @throws BackendError `out-of-memory`
   */
  allocate(bytes: number): number {
    const size = aligned(bytes)
    let span = this.#free.find(free => free.bytes >= size)
    if (!span) span = this.#grow(size)
    const { pointer } = span
    span.pointer += size
    span.bytes -= size
    this.#free = this.#free.filter(free => free.bytes > 0)
    this.#sizes.set(pointer, size)
    return pointer
  }

  /** Frees a block; a pointer that no block begins at is ignored, so that a block may be freed twice. */
  free(pointer: number): void {
    const bytes = this.#sizes.get(pointer)
    if (bytes === undefined) return
    this.#sizes.delete(pointer)
    this.#free.push({ pointer, bytes })
    this.#join()
  }

  /** A part of the memory as an array; valid until the memory grows. */
  view(dtype: DType, pointer: number, length: number): NumberArray {
    const { buffer } = this.#memory
    if (dtype === 'float32') return new Float32Array(buffer, pointer, length)
    if (dtype === 'float64') return new Float64Array(buffer, pointer, length)
    if (dtype === 'int32') return new Int32Array(buffer, pointer, length)
    if (dtype === 'int64') return new BigInt64Array(buffer, pointer, length)
    return new Uint8Array(buffer, pointer, length)
  }

  /** Copies numbers into a block of their own. */
  place(data: NumberArray): number {
    const pointer = this.allocate(data.byteLength)
    this.write(pointer, data)
    return pointer
  }

  /** Copies numbers to where a pointer points. */
  write(pointer: number, data: NumberArray): void {
    this.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), pointer)
  }

  #grow(size: number): Span {
    const pages = Math.ceil(size / PAGE)
    const before = this.#memory.buffer.byteLength
    try {
      this.#memory.grow(pages)
    } catch (cause) {
      throw new BackendError('out-of-memory', `WebAssembly has no more memory: ${size} bytes were asked for`, { cause })
    }
    this.floats = new Float32Array(this.#memory.buffer)
    this.bytes = new Uint8Array(this.#memory.buffer)
    this.#free.push({ pointer: before, bytes: pages * PAGE })
    this.#join()
    // A span of this size was added.
    return this.#free.find(free => free.bytes >= size)!
  }

  #join(): void {
    this.#free.sort((a, b) => a.pointer - b.pointer)
    const joined: Span[] = []
    for (const span of this.#free) {
      const last = joined.at(-1)
      if (last && last.pointer + last.bytes === span.pointer) last.bytes += span.bytes
      else joined.push(span)
    }
    this.#free = joined
  }
}
