/** The text of an XML file, decoded as its byte-order mark or its declaration says. */
import { TextDecoder } from 'node:util'
import { UserError } from '@espalier/runtime'
import { sourceName, type TextSource, textBytes } from '../bytes.ts'

const NEWLINE = 10
/** The declaration stands within these first bytes. */
const DECLARATION_BYTES = 256
const ENCODING = /^(?:\xef\xbb\xbf)?<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/u

interface XmlTextOptions {
  /** Told how many bytes of the file have been read, as they are read. */
  readonly onRead?: (bytes: number) => void
}

/**
 * The text in pieces that need not end with a line: an XML file may be one long line.
 * @throws UserError `invalid-utf8`, `invalid-encoding` with the line; `unknown-encoding`; `empty-file`
 */
export async function* xmlText(source: TextSource, { onRead }: XmlTextOptions = {}): AsyncGenerator<string> {
  const name = sourceName(source)
  let decoder: TextDecoder | undefined
  let lines = 1
  for await (const chunk of withFullStart(textBytes(source, { utf16: true, onRead }))) {
    decoder ??= decoderOf(chunk, name)
    // Piece by piece, so that the line of an invalid byte is known (in UTF-16, where other characters hold the byte of
    // a line end too, roughly).
    for (let start = 0; start < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, start)
      const end = newline < 0 ? chunk.length : newline + 1
      yield decodePiece(decoder, chunk.subarray(start, end), name, lines)
      if (newline >= 0) lines++
      start = end
    }
  }
  if (!decoder) throw new UserError('empty-file', `${name} is empty`)
  yield decodePiece(decoder, undefined, name, lines)
}

/** The same bytes; the first chunk holds the whole declaration. */
async function* withFullStart(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array()
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk
      continue
    }
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk])
    if (start.length < DECLARATION_BYTES) continue
    yield start
    start = undefined
  }
  if (start !== undefined && start.length > 0) yield start
}

/** @param bytes undefined at the end of the file */
function decodePiece(decoder: TextDecoder, bytes: Uint8Array | undefined, name: string, line: number): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined })
  } catch {
    const code = decoder.encoding === 'utf-8' ? 'invalid-utf8' : 'invalid-encoding'
    throw new UserError(code, `${name}, line ${line}: not valid ${decoder.encoding.toUpperCase()}`)
  }
}

function decoderOf(start: Uint8Array, name: string): TextDecoder {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le', { fatal: true })
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be', { fatal: true })
  const declared = ENCODING.exec(Buffer.from(start.subarray(0, DECLARATION_BYTES)).toString('latin1'))?.[1] ?? 'utf-8'
  // It could be read byte by byte, so it is not UTF-16 (any more), whatever it says.
  const encoding = /^utf-?16|^ucs-?2|^iso-10646/iu.test(declared) ? 'utf-8' : declared
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch {
    throw new UserError(
      'unknown-encoding',
      `${name} is declared as ${declared}, which is not known; convert it to UTF-8`,
    )
  }
}
