/** Lines of a text file, plain or gzip, read as a stream and checked: UTF-8, nothing else. */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { UserError } from '@espalier/runtime'

/** The bytes of a file; gzip, told by its first two bytes, is unpacked. */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new UserError('missing-file', `${path}: no such file`)
  if (!found.isFile()) throw new UserError('not-a-file', `${path} is not a file`)
  if (found.size === 0) throw new UserError('empty-file', `${path} is empty`)
  const magic = new Uint8Array(2)
  const file = await open(path, 'r')
  await file.read(magic, 0, 2, 0).finally(() => file.close())
  const raw = createReadStream(path, { highWaterMark: 1 << 18 })
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) {
    yield* raw as AsyncIterable<Uint8Array>
    return
  }
  const unpacked = createGunzip()
  raw.on('error', error => unpacked.destroy(error)).pipe(unpacked)
  try {
    yield* unpacked as AsyncIterable<Uint8Array>
  } catch (error) {
    throw new UserError('damaged-gzip', `${path}: damaged gzip (${(error as Error).message})`)
  } finally {
    raw.destroy()
  }
}

/**
 * The lines of a file, without their ends (LF or CR LF) and without a byte-order mark.
 * @throws UserError `missing-file`, `empty-file`, `invalid-utf8` (with the line), `damaged-gzip`
 */
export async function* fileLines(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest: Uint8Array = new Uint8Array(0)
  let number = 0
  const decode = (bytes: Uint8Array): string => {
    number++
    const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length
    const skip = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
    try {
      return decoder.decode(bytes.subarray(skip, end))
    } catch {
      throw new UserError('invalid-utf8', `${path}, line ${number}: not valid UTF-8; convert the file to UTF-8`)
    }
  }
  for await (const chunk of fileBytes(path)) {
    const bytes = rest.length === 0 ? chunk : concatBytes(rest, chunk)
    let start = 0
    for (let end = bytes.indexOf(10, start); end >= 0; end = bytes.indexOf(10, start)) {
      yield decode(bytes.subarray(start, end))
      start = end + 1
    }
    rest = bytes.slice(start)
  }
  if (rest.length > 0) yield decode(rest)
  if (number === 0) throw new UserError('empty-file', `${path} is empty`)
}

function concatBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length)
  joined.set(a)
  joined.set(b, a.length)
  return joined
}
