/** Where a packed file comes from, read once from its beginning to its end. */
import { UserError } from '../errors.ts'

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

/** Takes bytes as they come. What was taken is not kept. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  #at = 0
  /** Bytes that were taken. */
  position = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /**
   * @param source a URL or its text is fetched
   * @throws UserError `not-found` where there is nothing at a URL
   */
  static async open(source: PackedSource, onProgress?: OnProgress): Promise<ByteSource> {
    if (source instanceof Uint8Array) return new ByteSource(single(source, onProgress))
    if (source instanceof ArrayBuffer) return new ByteSource(single(new Uint8Array(source), onProgress))
    if (typeof source === 'string' || source instanceof URL) return ByteSource.open(await fetchFile(source), onProgress)
    if (source instanceof Response) {
      const total = Number(source.headers.get('content-length')) || undefined
      return new ByteSource(counted(source.body ?? new Blob().stream(), total, onProgress))
    }
    if (source instanceof Blob) return new ByteSource(counted(source.stream(), source.size, onProgress))
    return new ByteSource(counted(source, undefined, onProgress))
  }

  /** The next bytes; fewer where there are no more. */
  async take(count: number): Promise<Uint8Array> {
    if (this.#chunk.length - this.#at >= count) return this.#cut(count)
    const parts: Uint8Array[] = []
    let have = 0
    while (have < count) {
      if (this.#at === this.#chunk.length && !(await this.#next())) break
      const part = this.#cut(Math.min(count - have, this.#chunk.length - this.#at))
      parts.push(part)
      have += part.length
    }
    const all = new Uint8Array(have)
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    return all
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
      if (done) return false
      if (value.length === 0) continue
      // Node's buffers are Uint8Arrays whose slices are views, so they become plain ones.
      this.#chunk = new Uint8Array(value.buffer, value.byteOffset, value.length)
      this.#at = 0
      return true
    }
  }
}

async function fetchFile(url: string | URL): Promise<Response> {
  const response = await fetch(url)
  if (!response.ok)
    throw new UserError('not-found', `${url}: the server answered ${response.status} ${response.statusText}`)
  return response
}

async function* single(bytes: Uint8Array, onProgress?: OnProgress): AsyncGenerator<Uint8Array> {
  onProgress?.(bytes.length, bytes.length)
  yield bytes
}

async function* counted(
  chunks: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  total: number | undefined,
  onProgress?: OnProgress,
): AsyncGenerator<Uint8Array> {
  let received = 0
  for await (const chunk of Symbol.asyncIterator in chunks ? chunks : streamChunks(chunks)) {
    received += chunk.length
    onProgress?.(received, total)
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
