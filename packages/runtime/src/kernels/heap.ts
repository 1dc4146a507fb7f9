/** Allocates blocks of the memory that kernels work in. */
import { UserError } from '../errors.ts'
import { createMemory, type KernelMemory, PAGE } from './memory.ts'

/** Bytes; blocks begin at multiples of it. */
const ALIGNMENT = 64
/** The memory grows by this many bytes at least. */
const MINIMUM_GROWTH = 4 * PAGE

interface FreeSpan {
  pointer: number
  bytes: number
}

/** A first-fit allocator. Threads that share a memory have a heap each: the pages that one adds are its own. */
export class Heap {
  readonly #free: FreeSpan[] = []
  readonly #sizes = new Map<number, number>()

  constructor(readonly memory: KernelMemory) {}

  /** A heap over new memory. */
  static create({ shared = false } = {}): Heap {
    return new Heap(createMemory(shared))
  }

  /** @returns a pointer to a block that is not cleared @throws UserError `out-of-memory` */
  allocate(bytes: number): number {
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT)
    let place = this.#free.findIndex(span => span.bytes >= size)
    if (place < 0) place = this.#grow(size)
    const span = this.#free[place]
    const { pointer } = span
    span.pointer += size
    span.bytes -= size
    if (span.bytes === 0) this.#free.splice(place, 1)
    this.#sizes.set(pointer, size)
    return pointer
  }

  /** @throws RangeError if no block was allocated there */
  free(pointer: number): void {
    const bytes = this.#sizes.get(pointer)
    if (bytes === undefined) throw new RangeError(`there is no block at ${pointer}`)
    this.#sizes.delete(pointer)
    this.#add({ pointer, bytes })
  }

  /** Bytes of all blocks. */
  get used(): number {
    return [...this.#sizes.values()].reduce((a, b) => a + b, 0)
  }

  #grow(size: number): number {
    const pages = Math.ceil(Math.max(size, MINIMUM_GROWTH) / PAGE)
    let before: number
    try {
      before = this.memory.grow(pages)
    } catch (error) {
      throw new UserError('out-of-memory', `the engine has no more memory: ${size} bytes were asked for`, {
        cause: error,
      })
    }
    this.#add({ pointer: before * PAGE, bytes: pages * PAGE })
    return this.#free.findIndex(span => span.bytes >= size)
  }

  /** Keeps spans in order of their pointers, and joins neighbours. */
  #add(span: FreeSpan): void {
    const following = this.#free.findIndex(({ pointer }) => pointer > span.pointer)
    const place = following < 0 ? this.#free.length : following
    this.#free.splice(place, 0, span)
    this.#join(place)
    if (place > 0) this.#join(place - 1)
  }

  #join(place: number): void {
    const [span, next] = [this.#free[place], this.#free[place + 1]]
    if (!next || span.pointer + span.bytes !== next.pointer) return
    span.bytes += next.bytes
    this.#free.splice(place + 1, 1)
  }

  // Views are valid until the memory grows.

  floats(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length)
  }
  integers(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length)
  }
  shorts(pointer: number, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, pointer, length)
  }
  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length)
  }
}
