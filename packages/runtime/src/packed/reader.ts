/** Reads packed files: their header, then their sections one after the other. */
import { sizeOf } from '../shapes.ts'
import { MAGIC, PREFIX, padded, VERSION } from './container.ts'
import { crc32 } from './crc32.ts'
import { PackedFileError } from './error.ts'
import { type PackedHeader, parseHeader, type SectionEntry, type TensorEntry, tensorParts } from './header.ts'
import { ByteSource, type OnProgress, type PackedSource, ReusableBuffer } from './source.ts'
import { MOST_VALUES_PER_BYTE, VALUE_BYTES } from './values.ts'

const MAXIMUM_HEADER = 1 << 24
/** A file cannot hold more weights than this per byte, even where 99.99 % are pruned. */
const MOST_WEIGHTS_PER_BYTE = 4096
/** Weights that any file may hold. */
const ALWAYS_ALLOWED = 1 << 20

/** The sections of one tensor. */
export interface TensorSections {
  readonly entry: TensorEntry
  readonly positions?: Uint8Array
  readonly scales?: Uint8Array
  readonly codebook?: Uint8Array
  readonly values: Uint8Array
}

export class PackedReader {
  /** The index of the section that is read next. */
  #next = 0
  /** A buffer for each kind of a tensor's sections. */
  readonly #buffers: Record<string, ReusableBuffer> = {}
  /** How many weights the tensors that were read have. */
  #weights = 0

  private constructor(
    readonly header: PackedHeader,
    /** Bytes of the whole file. */
    readonly bytes: number,
    readonly source: ByteSource,
  ) {}

  /** Computes the CRC-32 of sections; may be replaced by a faster implementation. */
  checksum: (bytes: Uint8Array) => number = crc32

  /** @throws PackedFileError `not-packed`, `other-version`, `damaged-file` */
  static async open(from: PackedSource, onProgress?: OnProgress): Promise<PackedReader> {
    const source = await ByteSource.open(from, onProgress)
    try {
      return await PackedReader.#readHeader(source)
    } catch (error) {
      await source.close()
      throw error
    }
  }

  static async #readHeader(source: ByteSource): Promise<PackedReader> {
    const { length, bytes, crc } = readPrefix(await source.take(PREFIX))
    if (length > MAXIMUM_HEADER || length > bytes) throw new PackedFileError('header', `${length} bytes are too many`)
    const header = parseHeader(await takeSection(source, { name: 'header', bytes: length, crc }, crc32))
    const expected = header.sections.reduce((n, section) => n + padded(section.bytes), PREFIX + padded(length))
    if (expected !== bytes)
      throw new PackedFileError('header', `its sections make ${expected} bytes, but the file says that it has ${bytes}`)
    return new PackedReader(header, bytes, source)
  }

  /**
   * The bytes of the next section, their checksum compared.
   * @param buffer where they may be put; they are valid until the next section is put there
   * @throws PackedFileError
   */
  async section(name: string, buffer?: ReusableBuffer): Promise<Uint8Array> {
    const entry = this.header.sections[this.#next++]
    if (entry?.name !== name) throw new PackedFileError('header', `section ${name} is missing or out of order`)
    return takeSection(this.source, entry, this.checksum, buffer)
  }

  /** The sections of a tensor. They are valid until the next tensor is read. @throws PackedFileError */
  async tensor(entry: TensorEntry): Promise<TensorSections> {
    const found: Partial<Record<'positions' | 'scales' | 'codebook' | 'values', Uint8Array>> = {}
    for (const part of tensorParts(entry)) {
      this.#buffers[part] ??= new ReusableBuffer()
      found[part] = await this.section(`${entry.name}/${part}`, this.#buffers[part])
    }
    const { positions, scales, codebook, values = new Uint8Array() } = found
    this.#checkSize(entry, values)
    return { entry, positions, scales, codebook, values }
  }

  /** Refuses claims that so few bytes cannot hold, before memory is allocated for them. */
  #checkSize(entry: TensorEntry, values: Uint8Array): void {
    this.#weights += sizeOf(entry.shape)
    // Bytes that have arrived, not those that a header promises.
    const { position } = this.source
    if (this.#weights > ALWAYS_ALLOWED + MOST_WEIGHTS_PER_BYTE * position)
      throw new PackedFileError('header', `${position} bytes cannot hold ${this.#weights} weights: ${entry.name}`)
    const least = entry.kept * (VALUE_BYTES[entry.encoding] - 1) + entry.kept / MOST_VALUES_PER_BYTE
    if (values.length < least)
      throw new PackedFileError(`${entry.name}/values`, `${values.length} bytes cannot hold ${entry.kept} weights`)
  }

  /** @throws PackedFileError where sections or bytes are left that belong to no tensor */
  async finish(): Promise<void> {
    const left = this.header.sections[this.#next]
    if (left) throw new PackedFileError(left.name, 'no tensor has such a section')
    if (!(await this.source.ended())) throw new PackedFileError('end', 'there are bytes after the last section')
  }

  /** Cancels what was not read. */
  async close(): Promise<void> {
    await this.source.close()
  }
}

function readPrefix(prefix: Uint8Array): { length: number; bytes: number; crc: number } {
  if (prefix.length < MAGIC.length || MAGIC.some((byte, i) => prefix[i] !== byte))
    throw new PackedFileError('prefix', 'this is not a packed model: it begins with other bytes', 'not-packed')
  if (prefix.length < PREFIX) throw new PackedFileError('prefix', 'the file is truncated')
  const view = new DataView(prefix.buffer, prefix.byteOffset, PREFIX)
  const version = view.getUint32(8, true)
  if (view.getUint32(28, true) !== crc32(prefix.subarray(0, 28)))
    throw new PackedFileError('prefix', 'its checksum is wrong: the file was altered')
  if (version !== VERSION)
    throw new PackedFileError(
      'prefix',
      `the file has version ${version}; this program reads ${VERSION}`,
      'other-version',
    )
  return {
    length: view.getUint32(12, true),
    bytes: Number(view.getBigUint64(16, true)),
    crc: view.getUint32(24, true),
  }
}

async function takeSection(
  source: ByteSource,
  { name, bytes, crc }: SectionEntry,
  checksum: (bytes: Uint8Array) => number,
  buffer?: ReusableBuffer,
): Promise<Uint8Array> {
  const found = await source.take(padded(bytes), buffer)
  if (found.length < padded(bytes)) throw new PackedFileError(name, 'the file is truncated')
  const content = found.subarray(0, bytes)
  if (checksum(content) !== crc) throw new PackedFileError(name, 'its checksum is wrong: the file was altered')
  for (let i = bytes; i < found.length; i++)
    if (found[i] !== 0) throw new PackedFileError(name, 'its padding is not zero: the file was altered')
  return content
}
