/** The memory that kernels work in, given out in blocks. */
import { UserError } from '../errors.ts'
import { createMemory, type KernelMemory, PAGE } from './memory.ts'

/** Blocks begin at multiples of this. */
const ALIGNMENT = 64
/** Memory is asked of the engine in pieces of this at least. */
const LEAST_GROWTH = 4 * PAGE

interface Span {
  at: number
  bytes: number
}

/** First fit. Threads that share a memory have a heap each: what one of them lets it grow by is its own. */
export class Heap {
  readonly #free: Span[] = []
  readonly #sizes = new Map<number, number>()

  constructor(readonly memory: KernelMemory) {}

  /** A heap over new memory. */
  static create({ shared = false } = {}): Heap {
    return new Heap(createMemory(shared))
  }

  /** @returns where the block begins; it is not cleared @throws UserError `out-of-memory` */
  allocate(bytes: number): number {
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT)
    let place = this.#free.findIndex(span => span.bytes >= size)
    if (place < 0) place = this.#grow(size)
    const span = this.#free[place]
    const { at } = span
    span.at += size
    span.bytes -= size
    if (span.bytes === 0) this.#free.splice(place, 1)
    this.#sizes.set(at, size)
    return at
  }

  /** Takes a block back. */
  free(at: number): void {
    const bytes = this.#sizes.get(at)
    if (bytes === undefined) throw new RangeError(`there is no block at ${at}`)
    this.#sizes.delete(at)
    this.#add({ at, bytes })
  }

  /** Bytes that are given out. */
  get used(): number {
    return [...this.#sizes.values()].reduce((a, b) => a + b, 0)
  }

  #grow(size: number): number {
    const pages = Math.ceil(Math.max(size, LEAST_GROWTH) / PAGE)
    let before: number
    try {
      before = this.memory.grow(pages)
    } catch (error) {
      throw new UserError('out-of-memory', `the engine gives no more memory: ${size} bytes were wanted`, {
        cause: error,
      })
    }
    this.#add({ at: before * PAGE, bytes: pages * PAGE })
    return this.#free.findIndex(span => span.bytes >= size)
  }

  /** Spans are kept in order, and neighbours as one. */
  #add(span: Span): void {
    const place = this.#free.findIndex(({ at }) => at > span.at)
    const at = place < 0 ? this.#free.length : place
    this.#free.splice(at, 0, span)
    this.#join(at)
    if (at > 0) this.#join(at - 1)
  }

  #join(place: number): void {
    const [span, next] = [this.#free[place], this.#free[place + 1]]
    if (!next || span.at + span.bytes !== next.at) return
    span.bytes += next.bytes
    this.#free.splice(place + 1, 1)
  }

  // Views are good until the memory grows next.

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length)
  }
  integers(at: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, length)
  }
  shorts(at: number, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, at, length)
  }
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length)
  }
}
