/** Lines of a text file, plain or gzip, read as a stream and checked: UTF-8, nothing else. */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { UserError } from '@espalier/runtime'

/** A longer line is no sentence: the file is no text with a sentence on each line. */
const LONGEST_LINE = 1 << 24
const NEWLINE = 10
const RETURN = 13

/**
 * The bytes of a file; gzip, told by its first two bytes, is unpacked.
 * @throws UserError `missing-file`, `not-a-file`, `empty-file`, `unreadable-file`, `damaged-gzip`
 */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  const packed = await isGzip(path)
  const raw = createReadStream(path, { highWaterMark: 1 << 18 })
  if (!packed) {
    yield* raw as AsyncIterable<Uint8Array>
    return
  }
  const unpacked = createGunzip({ chunkSize: 1 << 18 })
  raw.on('error', error => unpacked.destroy(error)).pipe(unpacked)
  try {
    yield* unpacked as AsyncIterable<Uint8Array>
  } catch (error) {
    throw new UserError('damaged-gzip', `${path}: damaged or cut gzip (${(error as Error).message})`)
  } finally {
    raw.destroy()
  }
}

async function isGzip(path: string): Promise<boolean> {
  const unreadable = (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      throw new UserError('missing-file', `${path}: no such file`)
    throw new UserError('unreadable-file', `${path} cannot be read (${error.message})`)
  }
  const found = await stat(path).catch(unreadable)
  if (!found.isFile()) throw new UserError('not-a-file', `${path} is not a file; it is read more than once`)
  if (found.size === 0) throw new UserError('empty-file', `${path} is empty`)
  const magic = new Uint8Array(2)
  const file = await open(path, 'r').catch(unreadable)
  await file.read(magic, 0, 2, 0).finally(() => file.close())
  return magic[0] === 0x1f && magic[1] === 0x8b
}

/**
 * The lines of a file, without their ends (LF or CR LF) and without a byte-order mark.
 * @throws UserError as {@link fileBytes}, and `invalid-utf8`, `line-too-long` with the line
 */
export async function* fileLines(path: string): AsyncGenerator<string> {
  const lines = new LineDecoder(path)
  /** The start of a line that goes on in the next chunk. */
  let open: Uint8Array[] = []
  let length = 0
  for await (const chunk of fileBytes(path)) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end)
      yield lines.decode(open.length === 0 ? last : Buffer.concat([...open, last]))
      open = []
      length = 0
      start = end + 1
    }
    if (start === chunk.length) continue
    open.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > LONGEST_LINE) throw lines.tooLong()
  }
  if (length > 0) yield lines.decode(Buffer.concat(open))
  if (lines.number === 0) throw new UserError('empty-file', `${path} is empty`)
}

/** Bytes of lines to text, counting them. */
class LineDecoder {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  /** Lines so far, the one being decoded included. */
  number = 0

  constructor(readonly path: string) {}

  decode(bytes: Uint8Array): string {
    this.number++
    const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length
    const marked = this.number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    try {
      return this.#decoder.decode(bytes.subarray(marked ? 3 : 0, end))
    } catch {
      throw new UserError(
        'invalid-utf8',
        `${this.path}, line ${this.number}: not valid UTF-8; convert the file to UTF-8`,
      )
    }
  }

  tooLong(): UserError {
    const where = `${this.path}, line ${this.number + 1}`
    return new UserError('line-too-long', `${where}: over ${LONGEST_LINE} bytes; a line is one sentence`)
  }
}
