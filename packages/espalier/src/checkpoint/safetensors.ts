/**
 * The safetensors format: 8 bytes of header length, a JSON header, the tensors' bytes. Files are read and written in
 * pieces, straight from and to each tensor's array, so a large model is never in memory twice.
 */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { UserError } from '@espalier/runtime'
import { z } from 'zod'
import { writeFileAtomic } from '../storage/atomic-files.ts'

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
  // Half precision has no array of its own; its bits pass through.
  F16: Uint16Array,
  BF16: Uint16Array,
}
export type SafetensorsDType = keyof typeof ARRAYS
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
  readonly dtype: SafetensorsDType
  readonly shape: readonly number[]
  readonly data: TensorData
}

export interface SafetensorsFile {
  readonly tensors: Map<string, NamedTensor>
  readonly metadata: Record<string, string>
}

/** Under this key of the metadata stands the SHA-256 of all bytes after the header. */
const DIGEST = 'sha256'
const PIECE = 1 << 24

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

/** The bytes of a file: header, and tensors in the order given, with their digest in the metadata. */
export function safetensorsParts(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const hash = createHash('sha256')
  for (const { data } of tensors.values()) hash.update(bytesOf(data))
  const header: Record<string, unknown> = { __metadata__: { ...metadata, [DIGEST]: hash.digest('hex') } }
  let offset = 0
  for (const [name, { dtype, shape, data }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20)
  padded.set(json)
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true)
  return [length, padded, ...[...tensors.values()].map(({ data }) => bytesOf(data))]
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
})

/**
 * Reads a file whole. Sizes are checked against the file before anything is allocated.
 * @throws UserError `missing-file`, `damaged-file` (truncated, altered: the digest, or not the format)
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await open(path, 'r').catch(() => {
    throw new UserError('missing-file', `${path} is missing`)
  })
  try {
    return await readOpen(file, path)
  } finally {
    await file.close()
  }
}

async function readOpen(file: FileHandle, path: string): Promise<SafetensorsFile> {
  const damaged = (why: string) => new UserError('damaged-file', `${path}: ${why}`)
  const { size } = await file.stat()
  const start = await readHeaderLength(file, size, damaged)
  const { entries, metadata } = parseHeader(await readBytes(file, new Uint8Array(start - 8), 8, damaged), damaged)
  checkLayout(entries, size - start, damaged)
  const tensors = new Map<string, NamedTensor>()
  const hash = createHash('sha256')
  for (const { name, dtype, shape, begin } of entries.sort((a, b) => a.begin - b.begin)) {
    const data = new ARRAYS[dtype](shape.reduce((a, b) => a * b, 1))
    hash.update(await readBytes(file, bytesOf(data), start + begin, damaged))
    tensors.set(name, { dtype, shape, data })
  }
  if (metadata[DIGEST] !== undefined && metadata[DIGEST] !== hash.digest('hex'))
    throw damaged('its numbers do not match its digest: the file was altered')
  return { tensors, metadata }
}

type Damaged = (why: string) => UserError

async function readHeaderLength(file: FileHandle, size: number, damaged: Damaged): Promise<number> {
  if (size < 8) throw damaged('too short for a safetensors file')
  const bytes = await readBytes(file, new Uint8Array(8), 0, damaged)
  const length = new DataView(bytes.buffer).getBigUint64(0, true)
  if (length > BigInt(size - 8))
    throw damaged(`a header of ${length} bytes in a file of ${size}: truncated or not safetensors`)
  return 8 + Number(length)
}

async function readBytes(
  file: FileHandle,
  bytes: Uint8Array<ArrayBuffer>,
  position: number,
  damaged: Damaged,
): Promise<Uint8Array<ArrayBuffer>>
async function readBytes(file: FileHandle, bytes: Uint8Array, position: number, damaged: Damaged): Promise<Uint8Array>
async function readBytes(file: FileHandle, bytes: Uint8Array, position: number, damaged: Damaged): Promise<Uint8Array> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(PIECE, bytes.length - done), position + done)
    if (bytesRead === 0) throw damaged('truncated')
    done += bytesRead
  }
  return bytes
}

interface Entry {
  readonly name: string
  readonly dtype: SafetensorsDType
  readonly shape: number[]
  readonly begin: number
  readonly end: number
}

function parseHeader(bytes: Uint8Array, damaged: Damaged): { entries: Entry[]; metadata: Record<string, string> } {
  let header: Record<string, unknown>
  try {
    header = z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch {
    throw damaged('its header is not valid JSON')
  }
  const { __metadata__ = {}, ...rest } = header
  const metadata = z.record(z.string(), z.string()).safeParse(__metadata__)
  if (!metadata.success) throw damaged('its metadata is not a record of texts')
  const entries = Object.entries(rest).map(([name, value]) => {
    const entry = entrySchema.safeParse(value)
    if (!entry.success) throw damaged(`tensor ${name} is not described`)
    const { dtype, shape, data_offsets: offsets } = entry.data
    if (!Object.hasOwn(ARRAYS, dtype))
      throw damaged(`tensor ${name} is of type ${dtype}; known are ${Object.keys(ARRAYS).join(', ')}`)
    return { name, dtype: dtype as SafetensorsDType, shape, begin: offsets[0], end: offsets[1] }
  })
  return { entries, metadata: metadata.data }
}

/** Tensors have to fill the rest of the file, one after the other, without gap or overlap. */
function checkLayout(entries: readonly Entry[], bytes: number, damaged: Damaged): void {
  let at = 0
  for (const { name, dtype, shape, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) throw damaged(`tensor ${name} begins at byte ${begin}, where ${at} is expected`)
    if (end > bytes) throw damaged(`tensor ${name} ends at byte ${end} of ${bytes}: truncated`)
    const size = shape.reduce((a, b) => a * b, 1) * ARRAYS[dtype].BYTES_PER_ELEMENT
    if (size !== end - begin) throw damaged(`tensor ${name}: ${end - begin} bytes for shape [${shape}] of ${dtype}`)
    at = end
  }
  if (at !== bytes) throw damaged(`${bytes - at} bytes after the last tensor`)
}
