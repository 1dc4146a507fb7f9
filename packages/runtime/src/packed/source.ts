/** Where a packed file comes from, read once from its beginning to its end. */
import { UserError } from '../errors.ts'
import { checkResponse, fetchModel, lengthOf, orUnreachable } from './fetch.ts'

/** Bytes that are here, a place to fetch them from, or bytes that are still to arrive. */
export type PackedSource =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | URL
  | string

/** Bytes that have arrived, and of how many, where that is known. */
export type OnProgress = (received: number, total: number | undefined) => void

/** Room for bytes that are taken, so that those taken next can lie where these did. */
export class Room {
  #bytes = new Uint8Array()

  /** Room for `length` bytes, the first `used` of which stay as they are. */
  atLeast(length: number, used: number): Uint8Array {
    if (this.#bytes.length < length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, used))
      this.#bytes = larger
    }
    return this.#bytes
  }
}

/** Takes bytes as they come. What was taken is not kept. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  #at = 0
  /** Bytes that were taken. */
  position = 0

  /** @param whole whether all is one chunk, which stays as it is */
  constructor(
    chunks: AsyncIterable<Uint8Array>,
    readonly whole = false,
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /**
   * @param source a URL or its text is fetched
   * @throws UserError `invalid-argument` if it is none of what a {@link PackedSource} can be; `unreachable`, `not-found`,
   *   `http-error` where a URL cannot be fetched
   */
  static async open(source: PackedSource, onProgress?: OnProgress): Promise<ByteSource> {
    checkSource(source)
    if (source instanceof Uint8Array) return new ByteSource(single(source, onProgress), true)
    if (source instanceof ArrayBuffer) return new ByteSource(single(new Uint8Array(source), onProgress), true)
    if (source instanceof Blob) return ByteSource.#stream(source.stream(), ownChunks, source.size, onProgress)
    if (typeof source === 'string' || source instanceof URL) {
      const response = await fetchModel(source)
      const chunks = (body: ReadableStream<Uint8Array>) => orUnreachable(ownChunks(body), source)
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
   * The next bytes; fewer where there are no more.
   * @param room where they may be put: they are good until something else is put there
   */
  async take(count: number, room = new Room()): Promise<Uint8Array> {
    if (this.whole) {
      if (this.#at === this.#chunk.length) await this.#next()
      return this.#cut(Math.min(count, this.#chunk.length - this.#at))
    }
    let bytes = room.atLeast(0, 0)
    let have = 0
    while (have < count) {
      if (this.#at === this.#chunk.length && !(await this.#next())) break
      const part = this.#cut(Math.min(count - have, this.#chunk.length - this.#at))
      // Not more than has come: what a file says of itself may be wrong.
      bytes = room.atLeast(have + part.length, have)
      bytes.set(part, have)
      have += part.length
    }
    return bytes.subarray(0, have)
  }

  /** Whether nothing is left. */
  async ended(): Promise<boolean> {
    return this.#at === this.#chunk.length && !(await this.#next())
  }

  /** Gives up what is still to come. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #cut(count: number): Uint8Array {
    const part = this.#chunk.subarray(this.#at, this.#at + count)
    this.#at += count
    this.position += count
    return part
  }

  async #next(): Promise<boolean> {
    for (;;) {
      const { value, done } = await this.#chunks.next()
      if (done) {
        this.#chunk = new Uint8Array()
        this.#at = 0
        return false
      }
      if (value.length === 0) continue
      // Node's buffers are Uint8Arrays whose slices are views, so they become plain ones.
      this.#chunk = new Uint8Array(value.buffer, value.byteOffset, value.length)
      this.#at = 0
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
      `a model is an address, bytes, a Blob, a Response or a stream of bytes; it was given ${described(source)}`,
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
    // A length that was too small is none: servers of other origins need not tell that they compress.
    onProgress?.(received, total !== undefined && received <= total ? total : undefined)
    yield chunk
  }
}

/** Safari's streams are not iterable. */
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

/** Bytes that are asked of a stream at once. */
const CHUNK = 1 << 17

/**
 * The chunks of a stream that the platform made, in the same memory, one after the other: each is good until the next one
 * is asked for. (Of others it is not certain that they answer at their end who reads like this.)
 */
async function* ownChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let reader: ReadableStreamBYOBReader
  try {
    reader = stream.getReader({ mode: 'byob' })
  } catch {
    // An engine whose streams are not of bytes.
    return yield* streamChunks(stream)
  }
  let room = new Uint8Array(CHUNK)
  try {
    for (;;) {
      const { value, done } = await reader.read(room)
      if (done) return
      yield value
      room = new Uint8Array(value.buffer)
    }
  } finally {
    await reader.cancel()
  }
}
