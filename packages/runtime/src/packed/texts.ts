/** The text section: text files by name as JSON, compressed with DEFLATE, behind their length in bytes (u32). */
import { PackedFileError } from './error.ts'
import { TEXT_SECTION } from './header.ts'
import { ByteSource } from './source.ts'
import { concatenate } from './values.ts'

/** Bytes of all text files together. */
const MAXIMUM_TEXT = 1 << 26
/** DEFLATE makes at most so many bytes of one. */
const DEFLATE_RATIO = 1032

const wrong = (problem: string) => new PackedFileError(TEXT_SECTION, problem)

/** @throws PackedFileError */
export async function readTexts(bytes: Uint8Array): Promise<Map<string, string>> {
  if (bytes.length < 4) throw wrong('it is truncated')
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  if (length > MAXIMUM_TEXT || length > DEFLATE_RATIO * bytes.length)
    throw wrong(`${bytes.length} bytes cannot hold ${length}`)
  const parsed = parseJson(await inflate(bytes.slice(4), length))
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw wrong('it is not an object of texts')
  const texts = new Map<string, string>()
  for (const [name, text] of Object.entries(parsed)) {
    if (typeof text !== 'string') throw wrong('it is not an object of texts')
    texts.set(name, text)
  }
  return texts
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw wrong('it is not JSON')
  }
}

async function inflate(bytes: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const source = await ByteSource.open(stream)
  try {
    const text = await source.take(length)
    if (text.length === length && (await source.ended())) return text
  } catch {
    // Reported below, as a wrong length is.
  } finally {
    await source.close().catch(() => {})
  }
  throw wrong('its compressed data are damaged')
}

/** @throws PackedFileError where the texts are too long for readers */
export async function writeTexts(texts: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(texts)))
  if (text.length > MAXIMUM_TEXT) throw wrong(`it has ${text.length} bytes; at most ${MAXIMUM_TEXT} can be`)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, text.length, true)
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return concatenate([length, new Uint8Array(await new Response(stream).arrayBuffer())])
}
