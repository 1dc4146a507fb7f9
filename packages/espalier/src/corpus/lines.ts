/** Lines of a text, from a file, a pipe or standard input alike, read as a stream and checked: UTF-8, nothing else. */
import { UserError } from '@espalier/runtime'
import { sourceName, type TextSource, textBytes } from './bytes.ts'

/** A longer line is no sentence: the file does not hold one sentence a line. */
const LONGEST_LINE = 1 << 24
const NEWLINE = 10
const RETURN = 13

interface LineOptions {
  /** Refuse a text without a single line; default false. */
  readonly nonEmpty?: boolean
  /** Told how many bytes of the source have been read, as they are read. */
  readonly onRead?: (bytes: number) => void
}

/**
 * The lines of a text, without their ends (LF or CR LF, nothing else ends a line) and without a byte-order mark. Each
 * comes as soon as its end has arrived.
 * @throws UserError as {@link textBytes}; `invalid-utf8`, `line-too-long` with the line; `empty-file` if asked
 */
export async function* lines(source: TextSource, options: LineOptions = {}): AsyncGenerator<string, void, undefined> {
  const name = sourceName(source)
  const decoder = new LineDecoder(name)
  /** The start of a line that goes on in the next chunk. */
  let open: Uint8Array[] = []
  let length = 0
  for await (const chunk of textBytes(source, options)) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end)
      yield decoder.decode(open.length === 0 ? last : Buffer.concat([...open, last]))
      open = []
      length = 0
      start = end + 1
    }
    if (start === chunk.length) continue
    open.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > LONGEST_LINE) throw decoder.tooLong()
  }
  if (length > 0) {
    const last = decoder.decode(Buffer.concat(open))
    // A byte-order mark alone is no line.
    if (decoder.number > 1 || last !== '' || length !== 3) yield last
    else decoder.number = 0
  }
  if (options.nonEmpty && decoder.number === 0) throw new UserError('empty-file', `${name} is empty`)
}

/** All lines of a text, in memory. @throws UserError as {@link lines} */
export async function readLines(source: TextSource, options: LineOptions = {}): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines(source, options)) all.push(line)
  return all
}

/** Bytes of lines to text, counting them. */
class LineDecoder {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  /** Lines so far, the one being decoded included. */
  number = 0

  constructor(readonly name: string) {}

  decode(bytes: Uint8Array): string {
    this.number++
    const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length
    const marked = this.number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    try {
      return this.#decoder.decode(bytes.subarray(marked ? 3 : 0, end))
    } catch {
      throw new UserError('invalid-utf8', `${this.name}, line ${this.number}: not valid UTF-8; convert it to UTF-8`)
    }
  }

  tooLong(): UserError {
    const where = `${this.name}, line ${this.number + 1}`
    return new UserError('line-too-long', `${where}: over ${LONGEST_LINE} bytes; a line is one sentence`)
  }
}
