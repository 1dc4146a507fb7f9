/** The bytes of a packed file, from wherever they come, read once from beginning to end. */
import { UserError } from '../errors.ts'
import { checkResponse, fetchModel, lengthOf, orUnreachable } from './fetch.ts'

/** Bytes in memory, an address to fetch them from, or a stream of them. */
export type PackedSource =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | URL
  | string

/** Called with the number of bytes that have arrived, and of all bytes where that is known. */
export type OnProgress = (received: number, total: number | undefined) => void

/** A buffer that grows as needed and is used again for the next bytes. */
export class ReusableBuffer {
  #bytes = new Uint8Array()

  /** At least `length` bytes, of which the first `used` keep their values. */
  atLeast(length: number, used: number): Uint8Array {
    if (this.#bytes.length < length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, used))
      this.#bytes = larger
    }
    return this.#bytes
  }
}

/** Reads bytes as they arrive. Bytes that were taken are not kept. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  /** The index of the next byte in the chunk. */
  #offset = 0
  /** How many bytes were taken. */
  position = 0

  /** @param whole whether all bytes are one chunk, which nobody changes: parts of it are not copied */
  constructor(
    chunks: AsyncIterable<Uint8Array>,
    readonly whole = false,
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /**
   * @param source a URL or its text is fetched
   * @throws UserError `invalid-argument` if it is not a {@link PackedSource}; `unreachable`, `not-found`,
   *   `http-error` where a URL cannot be fetched
   */
  static async open(source: PackedSource, onProgress?: OnProgress): Promise<ByteSource> {
    checkSource(source)
    if (source instanceof Uint8Array) return new ByteSource(single(source, onProgress), true)
    if (source instanceof ArrayBuffer) return new ByteSource(single(new Uint8Array(source), onProgress), true)
    if (source instanceof Blob) return ByteSource.#stream(source.stream(), byobChunks, source.size, onProgress)
    if (typeof source === 'string' || source instanceof URL) {
      const response = await fetchModel(source)
      const chunks = (body: ReadableStream<Uint8Array>) => orUnreachable(byobChunks(body), source)
      return ByteSource.#stream(response.body, chunks, lengthOf(response), onProgress)
    }
    if (source instanceof Response) {
      checkResponse(source)
      const chunks = (body: ReadableStream<Uint8Array>) => orUnreachable(streamChunks(body), source.url)
      return ByteSource.#stream(source.body, chunks, lengthOf(source), onProgress)
    }
    if ('getReader' in source) return ByteSource.#stream(source, streamChunks, undefined, onProgress)
    return new ByteSource(counted(source, undefined, onProgress))
  }

  static #stream(
    stream: ReadableStream<Uint8Array> | null,
    chunks: (stream: ReadableStream<Uint8Array>) => AsyncIterable<Uint8Array>,
    total: number | undefined,
    onProgress: OnProgress | undefined,
  ): ByteSource {
    return new ByteSource(counted(chunks(stream ?? new Blob().stream()), total, onProgress))
  }

  /**
   * The next bytes; fewer at the end.
   * @param buffer where they may be put; they are valid until the buffer is used again
   */
  async take(count: number, buffer = new ReusableBuffer()): Promise<Uint8Array> {
    if (this.whole) {
      if (this.#offset === this.#chunk.length) await this.#next()
      return this.#cut(Math.min(count, this.#chunk.length - this.#offset))
    }
    let bytes = buffer.atLeast(0, 0)
    let have = 0
    while (have < count) {
      if (this.#offset === this.#chunk.length && !(await this.#next())) break
      const part = this.#cut(Math.min(count - have, this.#chunk.length - this.#offset))
      // The buffer grows with the bytes that have arrived: the count may come from a damaged file.
      bytes = buffer.atLeast(have + part.length, have)
      bytes.set(part, have)
      have += part.length
    }
    return bytes.subarray(0, have)
  }

  /** Whether all bytes were taken. */
  async ended(): Promise<boolean> {
    return this.#offset === this.#chunk.length && !(await this.#next())
  }

  /** Cancels the rest. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #cut(count: number): Uint8Array {
    const part = this.#chunk.subarray(this.#offset, this.#offset + count)
    this.#offset += count
    this.position += count
    return part
  }

  async #next(): Promise<boolean> {
    for (;;) {
      const { value, done } = await this.#chunks.next()
      if (done) {
        this.#chunk = new Uint8Array()
        this.#offset = 0
        return false
      }
      if (value.length === 0) continue
      // A Buffer of Node is a Uint8Array whose slice() does not copy, so it is replaced by a plain one.
      this.#chunk = new Uint8Array(value.buffer, value.byteOffset, value.length)
      this.#offset = 0
      return true
    }
  }
}

/** @throws UserError `invalid-argument` */
export function checkSource(source: PackedSource): void {
  const isSource =
    typeof source === 'string' ||
    [Uint8Array, ArrayBuffer, Blob, Response, URL].some(kind => source instanceof kind) ||
    (typeof source === 'object' && source !== null && ('getReader' in source || Symbol.asyncIterator in source))
  if (!isSource)
    throw new UserError(
      'invalid-argument',
      `a model's source is ${described(source)}; it must be an address, bytes, a Blob, a Response or a stream of bytes`,
    )
}

const described = (value: unknown) =>
  value === null || typeof value !== 'object' ? String(value) : (value.constructor?.name ?? 'an object')

async function* single(bytes: Uint8Array, onProgress?: OnProgress): AsyncGenerator<Uint8Array> {
  onProgress?.(bytes.length, bytes.length)
  yield bytes
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  total: number | undefined,
  onProgress?: OnProgress,
): AsyncGenerator<Uint8Array> {
  let received = 0
  for await (const chunk of chunks) {
    received += chunk.length
    // A total that was exceeded is wrong: other origins may hide that they compress their answers.
    onProgress?.(received, total !== undefined && received <= total ? total : undefined)
    yield chunk
  }
}

/** The chunks of a stream. Safari's streams are not async iterable. */
async function* streamChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}

/** Bytes that are read at once. */
const CHUNK = 1 << 17

/**
 * The chunks of a stream that the platform made, all in one buffer: each is valid until the next is asked for.
 * (User-made streams may not resolve a pending BYOB read when they close.)
 */
async function* byobChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let reader: ReadableStreamBYOBReader
  try {
    reader = stream.getReader({ mode: 'byob' })
  } catch {
    // This engine's streams are not byte streams.
    return yield* streamChunks(stream)
  }
  let buffer = new Uint8Array(CHUNK)
  try {
    for (;;) {
      const { value, done } = await reader.read(buffer)
      if (done) return
      yield value
      buffer = new Uint8Array(value.buffer)
    }
  } finally {
    await reader.cancel()
  }
}
