/**
 * The packed file: one header and sections, specified in docs/format.md.
 *
 *     0   8  magic
 *     8   4  version
 *     12  4  bytes of the header, H
 *     16  8  bytes of the file
 *     24  4  CRC-32 of the header
 *     28  4  CRC-32 of the 28 bytes before
 *     32  H  the header: JSON, UTF-8
 *            then each section that the header lists, in its order; header and sections are filled up with zeros
 *            to a multiple of 8 bytes
 */
import { UserError } from '../errors.ts'
import { matrixShape, sizeOf } from '../shapes.ts'
import { crc32 } from './checksum.ts'
import { ByteSource, type OnProgress, type PackedSource, Room } from './source.ts'
import { concatenate, MOST_VALUES_PER_BYTE, VALUE_BYTES, type ValueEncoding } from './values.ts'

/** A byte that no text has, the name, and line ends that a transfer as text would change. */
export const MAGIC = Uint8Array.of(0x89, 0x45, 0x53, 0x50, 0x41, 0x0d, 0x0a, 0x1a)
export const VERSION = 1
const PREFIX = 32
const MOST_HEADER = 1 << 24
/** Even of a model of which 99.99 % is gone a byte is of fewer weights. */
const MOST_WEIGHTS_PER_BYTE = 4096
const LEAST_ALLOWED = 1 << 20
/** Bytes of all text files. */
const MOST_TEXT = 1 << 26
const ALIGNMENT = 8

export type PackedFileErrorCode = 'damaged-file' | 'not-packed' | 'other-version'

/** Something is wrong with a packed file; `section` says where. */
export class PackedFileError extends UserError {
  constructor(
    readonly section: string,
    readonly problem: string,
    override readonly code: PackedFileErrorCode = 'damaged-file',
  ) {
    super(code, `section ${section}: ${problem}`)
    this.name = 'PackedFileError'
  }
}

/** A section as the header lists it. */
export interface SectionEntry {
  readonly name: string
  readonly bytes: number
  readonly crc: number
}

/** A tensor as the header describes it. */
export interface TensorEntry {
  readonly name: string
  /** One or two numbers. */
  readonly shape: readonly number[]
  readonly encoding: ValueEncoding
  /** Rows and columns of the blocks whose positions are written; absent: every weight is there, without positions. */
  readonly block?: readonly [rows: number, columns: number]
  /** Weights that are kept. */
  readonly kept: number
}

/** Quality measured when a file was packed. */
export interface QualityFigure {
  readonly name: string
  readonly value: number
  readonly signature?: string
}

export interface PackedHeader {
  readonly generator: string
  readonly tensors: readonly TensorEntry[]
  readonly sections: readonly SectionEntry[]
  readonly quality?: readonly QualityFigure[]
}

/** The sections of a tensor, in the order in which they stand in a file. */
export const sectionNames = (tensor: TensorEntry): string[] => [
  ...(tensor.block ? [`${tensor.name}/positions`] : []),
  ...(tensor.encoding === 'int8' ? [`${tensor.name}/scales`] : []),
  ...(tensor.encoding === 'codebook' ? [`${tensor.name}/codebook`] : []),
  `${tensor.name}/values`,
]
/** The section that comes first: the model's text files. */
export const TEXT_SECTION = 'text'

const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/**
 * A file's bytes.
 * @param header without its sections: they are described as they are
 * @throws PackedFileError for what no reader would take
 */
export function writePacked(
  header: Omit<PackedHeader, 'sections'>,
  sections: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Uint8Array<ArrayBuffer>[] {
  const entries = sections.map(({ name, bytes }) => ({ name, bytes: bytes.length, crc: crc32(bytes) }))
  const json = new TextEncoder().encode(JSON.stringify(checkHeader({ ...header, sections: entries })))
  const parts = [json, ...sections.map(({ bytes }) => bytes)].map(bytes => {
    const padded = new Uint8Array(aligned(bytes.length))
    padded.set(bytes)
    return padded
  })
  const prefix = new Uint8Array(PREFIX)
  const view = new DataView(prefix.buffer)
  prefix.set(MAGIC)
  view.setUint32(8, VERSION, true)
  view.setUint32(12, json.length, true)
  view.setBigUint64(16, BigInt(PREFIX + parts.reduce((n, { length }) => n + length, 0)), true)
  view.setUint32(24, crc32(json), true)
  view.setUint32(28, crc32(prefix.subarray(0, 28)), true)
  return [prefix, ...parts]
}

/** A packed file being read: its header, then its sections one after the other. */
export class PackedReader {
  #next = 0
  /** Of a tensor's sections, each. */
  readonly #rooms: Record<string, Room> = {}
  /** Weights of the tensors so far. */
  #weights = 0

  private constructor(
    readonly header: PackedHeader,
    /** Bytes of the whole file. */
    readonly bytes: number,
    readonly source: ByteSource,
  ) {}

  /** CRC-32 of sections; a faster one may take its place. */
  checksum: (bytes: Uint8Array) => number = crc32

  /** @throws PackedFileError `not-packed`, `other-version`, `damaged-file` */
  static async open(from: PackedSource, onProgress?: OnProgress): Promise<PackedReader> {
    const source = await ByteSource.open(from, onProgress)
    try {
      return await PackedReader.#begin(source)
    } catch (error) {
      await source.close()
      throw error
    }
  }

  static async #begin(source: ByteSource): Promise<PackedReader> {
    const prefix = await source.take(PREFIX)
    if (prefix.length < MAGIC.length || MAGIC.some((byte, i) => prefix[i] !== byte))
      throw new PackedFileError('prefix', 'this is not a packed model: it begins with other bytes', 'not-packed')
    if (prefix.length < PREFIX) throw new PackedFileError('prefix', 'the file is cut off')
    const view = new DataView(prefix.buffer, prefix.byteOffset, PREFIX)
    const version = view.getUint32(8, true)
    if (view.getUint32(28, true) !== crc32(prefix.subarray(0, 28)))
      throw new PackedFileError('prefix', 'its checksum is wrong')
    if (version !== VERSION)
      throw new PackedFileError(
        'prefix',
        `the file is of version ${version}, this program reads ${VERSION}`,
        'other-version',
      )
    const [length, bytes] = [view.getUint32(12, true), Number(view.getBigUint64(16, true))]
    if (length > MOST_HEADER || length > bytes) throw new PackedFileError('header', `${length} bytes are too many`)
    const json = await takeSection(source, { name: 'header', bytes: length, crc: view.getUint32(24, true) }, crc32)
    const header = checkHeader(parseHeader(json))
    const expected = header.sections.reduce((n, section) => n + aligned(section.bytes), PREFIX + aligned(length))
    if (expected !== bytes)
      throw new PackedFileError('header', `sections make ${expected} bytes, the file has ${bytes}`)
    return new PackedReader(header, bytes, source)
  }

  /** The bytes of the next section, checked. @param room where they may be put @throws PackedFileError */
  async section(name: string, room?: Room): Promise<Uint8Array> {
    const entry = this.header.sections[this.#next++]
    if (entry?.name !== name) throw new PackedFileError('header', `section ${name} is not where it is looked for`)
    return takeSection(this.source, entry, this.checksum, room)
  }

  /** A tensor's sections. They are good until the next tensor's are read. */
  async tensor(entry: TensorEntry): Promise<TensorSections> {
    const found: Record<string, Uint8Array> = {}
    for (const name of sectionNames(entry)) {
      const part = name.slice(entry.name.length + 1)
      const room = this.#rooms[part] ?? new Room()
      this.#rooms[part] = room
      found[part] = await this.section(name, room)
    }
    const { positions, scales, codebook, values } = found
    this.#weights += sizeOf(entry.shape)
    // Bytes that have come, not those that a header promises.
    const { position } = this.source
    if (this.#weights > LEAST_ALLOWED + MOST_WEIGHTS_PER_BYTE * position)
      throw new PackedFileError('header', `${position} bytes cannot be ${this.#weights} weights: ${entry.name}`)
    const least = entry.kept * (VALUE_BYTES[entry.encoding] - 1) + entry.kept / MOST_VALUES_PER_BYTE
    if (values.length < least)
      throw new PackedFileError(`${entry.name}/values`, `${values.length} bytes cannot be ${entry.kept} weights`)
    return { entry, positions, scales, codebook, values }
  }

  /** @throws PackedFileError where there are sections or bytes that nobody asked for */
  async finish(): Promise<void> {
    const left = this.header.sections[this.#next]
    if (left) throw new PackedFileError(left.name, 'no tensor has such a section')
    if (!(await this.source.ended())) throw new PackedFileError('end', 'bytes after the last section')
  }

  /** Gives up what was not read. */
  async close(): Promise<void> {
    await this.source.close()
  }
}

/** What a file has of a tensor. */
export interface TensorSections {
  readonly entry: TensorEntry
  readonly positions?: Uint8Array
  readonly scales?: Uint8Array
  readonly codebook?: Uint8Array
  readonly values: Uint8Array
}

async function takeSection(
  source: ByteSource,
  { name, bytes, crc }: SectionEntry,
  checksum: (bytes: Uint8Array) => number,
  room?: Room,
): Promise<Uint8Array> {
  const found = await source.take(aligned(bytes), room)
  if (found.length < aligned(bytes)) throw new PackedFileError(name, 'the file is cut off')
  const content = found.subarray(0, bytes)
  if (checksum(content) !== crc) throw new PackedFileError(name, 'its checksum is wrong: the file was altered')
  for (let i = bytes; i < found.length; i++)
    if (found[i] !== 0) throw new PackedFileError(name, 'what fills it up is not zero: the file was altered')
  return content
}

function parseHeader(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new PackedFileError('header', 'it is not JSON')
  }
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)
/** A value of somebody else's, fit for a message. */
export const shown = (x: unknown): string =>
  typeof x === 'string' ? x.slice(0, 80) : typeof x === 'number' || typeof x === 'boolean' ? String(x) : `a ${typeof x}`
const isSize = (x: unknown, most = Number.MAX_SAFE_INTEGER): x is number =>
  typeof x === 'number' && Number.isSafeInteger(x) && x >= 0 && x <= most
/** Rows and columns beyond these are no translation model's. */
const MOST_ROWS = 1 << 24
const MOST_COLUMNS = 1 << 16

function checkHeader(header: unknown): PackedHeader {
  const wrong = (what: string) => new PackedFileError('header', what)
  if (!isObject(header)) throw wrong('it is no object')
  const { generator, tensors, sections, quality } = header
  if (typeof generator !== 'string') throw wrong('generator is no text')
  if (!Array.isArray(tensors) || !Array.isArray(sections)) throw wrong('tensors or sections are no list')
  const seen = new Set<string>()
  for (const section of sections) {
    if (!isObject(section)) throw wrong('a section is no object')
    const { name, bytes, crc } = section
    if (typeof name !== 'string' || seen.has(name)) throw wrong(`section ${shown(name)}: no name of its own`)
    if (!isSize(bytes) || !isSize(crc, 0xffffffff)) throw wrong(`section ${name}: bytes or crc is no such number`)
    seen.add(name)
  }
  const named = new Set<string>()
  for (const tensor of tensors) {
    if (!isObject(tensor)) throw wrong('a tensor is no object')
    checkTensor(tensor, what => wrong(`tensor ${shown(tensor.name)}: ${what}`))
    if (named.has(tensor.name as string)) throw wrong(`tensor ${tensor.name} is there twice`)
    named.add(tensor.name as string)
  }
  if (quality !== undefined && !(Array.isArray(quality) && quality.every(isFigure)))
    throw wrong('quality is no list of figures')
  return header as unknown as PackedHeader
}

const isFigure = (x: unknown): boolean =>
  isObject(x) &&
  typeof x.name === 'string' &&
  typeof x.value === 'number' &&
  (x.signature === undefined || typeof x.signature === 'string')

function checkTensor(tensor: Record<string, unknown>, wrong: (what: string) => PackedFileError): void {
  const { name, shape, encoding, block, kept } = tensor
  if (typeof name !== 'string' || name === '') throw wrong('it has no name')
  if (!Array.isArray(shape) || shape.length < 1 || shape.length > 2 || !shape.every(n => isSize(n, MOST_ROWS) && n > 0))
    throw wrong('its shape is not one or two numbers')
  if (typeof encoding !== 'string' || !Object.hasOwn(VALUE_BYTES, encoding))
    throw wrong(`its encoding is not among ${Object.keys(VALUE_BYTES).join(', ')}`)
  const [rows, columns] = matrixShape(shape as number[])
  if (shape.length > 1 && columns > MOST_COLUMNS) throw wrong(`${columns} columns are too many`)
  if (!isSize(kept, rows * columns)) throw wrong('kept is no number of weights that it can have')
  if (block === undefined) {
    if (kept !== rows * columns) throw wrong('it has no positions, and not every weight')
  } else if (!Array.isArray(block) || block.length !== 2 || !block.every(n => isSize(n, MOST_COLUMNS) && n > 0))
    throw wrong('its block is not two numbers')
}

/** Texts by name, compressed with DEFLATE behind their length. */
export async function readTexts(bytes: Uint8Array): Promise<Map<string, string>> {
  const wrong = (what: string) => new PackedFileError(TEXT_SECTION, what)
  if (bytes.length < 4) throw wrong('it is cut off')
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  // DEFLATE makes at most 1032 bytes of one.
  if (length > MOST_TEXT || length > 1032 * bytes.length) throw wrong(`${bytes.length} bytes cannot become ${length}`)
  const parsed = parseTexts(await inflate(bytes.slice(4), length))
  if (!isObject(parsed) || !Object.values(parsed).every(text => typeof text === 'string'))
    throw wrong('it is no record of texts')
  return new Map(Object.entries(parsed as Record<string, string>))
}

function parseTexts(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new PackedFileError(TEXT_SECTION, 'it is not JSON')
  }
}

async function inflate(bytes: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const source = await ByteSource.open(stream)
  try {
    const text = await source.take(length)
    if (text.length === length && (await source.ended())) return text
  } catch {
    // Told below, as a length that does not fit is.
  } finally {
    await source.close().catch(() => {})
  }
  throw new PackedFileError(TEXT_SECTION, 'it is not what was compressed')
}

/** What {@link readTexts} reads. */
export async function writeTexts(texts: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(texts)))
  if (text.length > MOST_TEXT)
    throw new PackedFileError(TEXT_SECTION, `${text.length} bytes are more than ${MOST_TEXT}`)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, text.length, true)
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return concatenate([length, new Uint8Array(await new Response(stream).arrayBuffer())])
}
