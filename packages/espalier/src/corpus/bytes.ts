/** The bytes of a text: of a file, a pipe or standard input; gzip is unpacked, other formats are refused by name. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { UserError } from '@espalier/runtime'
import { describeFileError } from '../storage/file-errors.ts'
import { type Signature, signatureOf } from './signatures.ts'

/** Bytes from anywhere, with the name that messages call them by. */
export interface ByteStream {
  readonly name: string
  readonly bytes: AsyncIterable<Uint8Array>
}

/** A path, where `-` stands for standard input, or a stream. */
export type TextSource = string | ByteStream

const CHUNK = 1 << 18
/** Paths of standard input. They are not opened: where it is a socket, they cannot be. */
const STANDARD_INPUT = new Set(['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'])
const NO_BYTES = new Uint8Array()

/** Whether a path stands for standard input. */
export const isStandardInput = (path: string) => STANDARD_INPUT.has(path)

let standardInputTaken = false

/** What messages call a source. */
export function sourceName(source: TextSource): string {
  if (typeof source !== 'string') return source.name
  return STANDARD_INPUT.has(source) ? 'standard input' : source
}

interface ReadOptions {
  /** Pass UTF-16 with a byte-order mark through as it is, instead of refusing it. */
  readonly utf16?: boolean
  /** Told how many bytes of the source have been read, as they are read: packed ones where it is gzip. */
  readonly onRead?: (bytes: number) => void
}

/**
 * The bytes of a source as they arrive, unpacked if it is gzip, which its first bytes tell.
 * @throws UserError `missing-file`, `not-a-file`, `unreadable-file`, `read-once`, `damaged-gzip`, `not-text`
 */
export async function* textBytes(source: TextSource, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
  const name = sourceName(source)
  const raw = counted(open(source, name), options.onRead)
  const { head, rest, signature } = await peek(raw)
  if (signature?.kind !== 'gzip') {
    refuse(name, signature, options)
    yield* chain(head, rest)
    return
  }
  const unpacked = await peek(gunzip(name, chain(head, rest)))
  refuse(name, unpacked.signature, options, ' when unpacked')
  yield* chain(unpacked.head, unpacked.rest)
}

function open(source: TextSource, name: string): AsyncIterable<Uint8Array> {
  if (typeof source !== 'string') return source.bytes
  if (!STANDARD_INPUT.has(source)) return fileBytes(source)
  if (standardInputTaken) throw new UserError('read-once', `${name} is named twice; it can be read once only`)
  standardInputTaken = true
  return process.stdin
}

async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw readError(path, error as NodeJS.ErrnoException)
  }
}

function readError(path: string, error: NodeJS.ErrnoException): Error {
  const { code, message } = error
  if (code === 'ENOENT' || code === 'ENOTDIR') return new UserError('missing-file', `${path}: no such file`)
  if (code === 'EISDIR') return new UserError('not-a-file', `${path} is a directory, not a file`)
  if (code === 'EACCES' || code === 'EPERM')
    return new UserError('unreadable-file', `${path} cannot be read: permission denied`)
  // The command line says in a sentence what these are; some are the machine's fault and not the path's.
  if (describeFileError(error) !== undefined) return error
  return new UserError('unreadable-file', `${path} cannot be read (${message})`)
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  onRead: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    onRead?.(chunk.length)
    yield chunk
  }
}

/** Reads until the signature is known, and no further: a line typed at a terminal has to come through at once. */
async function peek(bytes: AsyncGenerator<Uint8Array>) {
  let head: Uint8Array = NO_BYTES
  let signature = signatureOf(head, false)
  while (signature === 'undecided') {
    const next = await bytes.next()
    if (!next.done) head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
    signature = signatureOf(head, next.done === true)
  }
  return { head, rest: bytes, signature }
}

async function* chain(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

function refuse(name: string, signature: Signature | undefined, { utf16 = false }: ReadOptions, when = ''): void {
  if (signature === undefined || (utf16 && signature.kind === 'utf-16')) return
  throw new UserError('not-text', `${name} ${signature.name}${when}; ${signature.remedy}`)
}

async function* gunzip(name: string, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip({ chunkSize: CHUNK })
  // Where the source fails, its error ends the other end of the pipe as well, and is thrown there.
  const fed = pipeline(Readable.from(packed, { objectMode: false }), unpacked).catch(() => {})
  try {
    yield* unpacked as AsyncIterable<Uint8Array>
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError('damaged-gzip', `${name}: damaged or cut gzip (${(error as Error).message})`)
  } finally {
    unpacked.destroy()
    await fed
  }
}

/** How many bytes a source holds, as it is stored; undefined where only reading it tells. */
export async function sourceSize(source: TextSource): Promise<number | undefined> {
  if (typeof source !== 'string' || STANDARD_INPUT.has(source)) return undefined
  const found = await stat(source).catch(() => undefined)
  return found?.isFile() ? found.size : undefined
}

/** Whether a path is a regular file, which can be read again. @throws UserError where there is none */
export async function isRereadable(path: string): Promise<boolean> {
  if (STANDARD_INPUT.has(path)) return false
  const found = await stat(path).catch(error => {
    throw readError(path, error as NodeJS.ErrnoException)
  })
  if (found.isDirectory()) throw new UserError('not-a-file', `${path} is a directory, not a file`)
  return found.isFile()
}

/**
 * Refuses a pipe where a text has to be read more than once.
 * @param reader who reads it how often: `prepare reads the training text twice`
 * @throws UserError `read-once`
 */
export async function requireRereadable(path: string, reader: string): Promise<void> {
  if (await isRereadable(path)) return
  const what = STANDARD_INPUT.has(path) ? 'standard input' : `${path} is a pipe and`
  throw new UserError('read-once', `${what} can be read once only; ${reader}: write it to a file first`)
}
