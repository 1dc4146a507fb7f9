/**
 * The safetensors format: 8 bytes of header length, a JSON header, the tensors' bytes. Files are read and written in
 * pieces, straight from and to each tensor's array, so a large model is never in memory twice.
 */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { UserError } from '@espalier/runtime'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { type Damaged, parseHeader } from './safetensors-header.ts'

const ARRAYS = {
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  // Half precision has no array of its own: these are its bits.
  F16: Uint16Array,
  BF16: Uint16Array,
}
export type TensorData =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array

export interface NamedTensor {
  /** F32, BF16, I64 and so on; one that is not known, such as F8_E4M3, passes through. */
  readonly dtype: string
  readonly shape: readonly number[]
  /** An array of the type; bytes for a type that has none; bits for F16 and BF16. */
  readonly data: TensorData
}

export interface SafetensorsFile {
  /** In the order of their bytes. */
  readonly tensors: Map<string, NamedTensor>
  readonly metadata: Record<string, string>
  /** The header's bytes, as they stand in the file. */
  readonly header: Uint8Array
  /** Whether the metadata hold the digest of the tensors, and it is right. */
  readonly sealed: boolean
}

export interface ReadSafetensorsOptions {
  /** A file of any program: a metadata key `sha256` is not taken for the digest of the tensors, unless we wrote it. */
  readonly foreign?: boolean
  /** SHA-256 that the whole file has to have. */
  readonly digest?: string
}

/** Under this key of the metadata, our files hold the SHA-256 of all bytes after the header. */
const DIGEST = 'sha256'
/** `format` in the metadata of a model's parameters. */
export const OWN_FORMAT = 'espalier'
const PIECE = 1 << 24
/** The reference implementation reads no longer ones. */
const MOST_HEADER_BYTES = 100_000_000

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** Writes a file of a model's directory; it appears whole or not at all, and replaces the one that was there. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  await writeFileAtomic(path, safetensorsParts(tensors, metadata))
}

/**
 * The bytes of a file: header, and tensors in the order given, with their digest in the metadata. Each tensor's data is asked
 * for twice, one tensor after the other, so that data which is made on demand is not in memory all at once.
 */
export function safetensorsParts(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Iterable<Uint8Array> {
  const hash = createHash('sha256')
  const entries: Record<string, unknown> = {}
  let offset = 0
  for (const [name, { dtype, shape, data }] of tensors) {
    hash.update(bytesOf(data))
    entries[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const header = { __metadata__: { ...metadata, [DIGEST]: hash.digest('hex') }, ...entries }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20)
  padded.set(json)
  return parts([lengthBytes(padded), padded], tensors)
}

function* parts(header: readonly Uint8Array[], tensors: ReadonlyMap<string, NamedTensor>): Iterable<Uint8Array> {
  yield* header
  for (const { data } of tensors.values()) yield bytesOf(data)
}

function lengthBytes(header: Uint8Array): Uint8Array {
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true)
  return length
}

/**
 * The bytes of a file that was read, with other numbers in some of its tensors: header, order and all other tensors stay
 * as they were, to the byte, but for a digest that was right and is right again.
 * @param changed by tensor name; of the type and size that the tensor has
 */
export function replaceTensors(file: SafetensorsFile, changed: ReadonlyMap<string, TensorData>): Uint8Array[] {
  const parts = [...file.tensors].map(([name, { data }]) => bytesOf(changed.get(name) ?? data))
  let { header } = file
  if (file.sealed) {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part)
    const json = new TextDecoder().decode(header)
    header = new TextEncoder().encode(
      json.replace(`"${DIGEST}":"${file.metadata[DIGEST]}"`, `"${DIGEST}":"${hash.digest('hex')}"`),
    )
  }
  return [lengthBytes(header), header, ...parts]
}

/**
 * Reads a file whole. Sizes are checked against the file before anything is allocated.
 * @throws UserError `missing-file`, `damaged-file`: truncated, altered (by its digest), or not the format
 */
export async function readSafetensors(path: string, options: ReadSafetensorsOptions = {}): Promise<SafetensorsFile> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UserError('missing-file', `${path} is missing`)
    throw error
  })
  try {
    return await readOpen(file, path, options)
  } finally {
    await file.close()
  }
}

async function readOpen(file: FileHandle, path: string, options: ReadSafetensorsOptions): Promise<SafetensorsFile> {
  const damaged = (why: string) => new UserError('damaged-file', `${path}: ${why}`)
  const { size } = await file.stat()
  const length = await readHeaderLength(file, size, damaged)
  const header = await readBytes(file, new Uint8Array(length), 8, damaged)
  const start = 8 + length
  const { entries, metadata } = parseHeader(header, size - start, damaged)
  const tensors = new Map<string, NamedTensor>()
  const hash = createHash('sha256')
  if (options.digest !== undefined) hash.update(lengthBytes(header)).update(header)
  for (const { name, dtype, shape, begin, end } of entries) {
    const data = arrayFor(dtype, end - begin)
    hash.update(await readBytes(file, bytesOf(data), start + begin, damaged))
    tensors.set(name, { dtype, shape, data })
  }
  const own = !options.foreign || metadata.format === OWN_FORMAT
  const expected = options.digest ?? (own ? metadata[DIGEST] : undefined)
  const found = hash.digest('hex')
  if (expected !== undefined && expected !== found)
    throw damaged('its content does not match its digest: the file was altered')
  return { tensors, metadata, header, sealed: metadata[DIGEST] === found }
}

function arrayFor(dtype: string, bytes: number): TensorData {
  const type = Object.hasOwn(ARRAYS, dtype) ? ARRAYS[dtype as keyof typeof ARRAYS] : Uint8Array
  return new type(bytes / type.BYTES_PER_ELEMENT)
}

async function readHeaderLength(file: FileHandle, size: number, damaged: Damaged): Promise<number> {
  if (size < 8) throw damaged('too short for a safetensors file')
  const bytes = await readBytes(file, new Uint8Array(8), 0, damaged)
  const length = new DataView(bytes.buffer).getBigUint64(0, true)
  if (length > BigInt(size - 8))
    throw damaged(`a header of ${length} bytes in a file of ${size}: truncated or not safetensors`)
  if (length > BigInt(MOST_HEADER_BYTES))
    throw damaged(`a header of ${length} bytes; the format allows ${MOST_HEADER_BYTES}`)
  return Number(length)
}

async function readBytes<Bytes extends Uint8Array>(
  file: FileHandle,
  bytes: Bytes,
  position: number,
  damaged: Damaged,
): Promise<Bytes> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(PIECE, bytes.length - done), position + done)
    if (bytesRead === 0) throw damaged('truncated')
    done += bytesRead
  }
  return bytes
}
