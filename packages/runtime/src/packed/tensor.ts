/** Tensors of a packed file: their positions and values put together, by the decoders in TypeScript. */
import { type CodeTable, int8Table } from '../kernels/sparse-matrix.ts'
import { matrixShape } from '../shapes.ts'
import { inSection, PackedFileError } from './error.ts'
import type { TensorEntry } from './header.ts'
import { PositionDecoder } from './positions.ts'
import type { TensorSections } from './reader.ts'
import { decodeValues, halfToFloat, VALUE_BYTES } from './values.ts'

/** A code is a byte. */
const MAXIMUM_CODEBOOK = 256

/** A tensor as a matrix of blocks; without positions, of single weights. */
export function blockShape({ shape, block = [1, 1] }: TensorEntry) {
  const [rows, columns] = matrixShape(shape)
  return { rows, columns, block, blockRows: Math.ceil(rows / block[0]), blockColumns: Math.ceil(columns / block[1]) }
}

/** Whether values are codes of a byte. */
export const isCoded = ({ encoding }: TensorEntry) => encoding === 'int8' || encoding === 'codebook'

/** @throws PackedFileError unless as many weights are kept as the header says */
export function checkKept({ name, kept }: TensorEntry, found: number): void {
  if (found !== kept)
    throw new PackedFileError(`${name}/positions`, `its positions keep ${found} weights, but the header says ${kept}`)
}

/**
 * Visits the rows of a matrix in order.
 * @param visit is called with the row; the kept blocks of it, ascending: the first `count` of `blocks`, which the next
 *   row overwrites; and the index of the row's first value
 * @throws PackedFileError
 */
export function eachRow(
  { entry, positions }: TensorSections,
  visit: (row: number, blocks: Uint16Array | Uint32Array, count: number, first: number) => void,
): void {
  const { rows, columns, block, blockRows, blockColumns } = blockShape(entry)
  const section = `${entry.name}/positions`
  const blocks = new Uint32Array(blockColumns).map((_, i) => i)
  const decoder = positions && inSection(section, () => new PositionDecoder(positions, blockColumns))
  let [row, first] = [0, 0]
  for (let blockRow = 0; blockRow < blockRows; blockRow++) {
    const count = decoder ? inSection(section, () => decoder.readRow(blocks)) : blockColumns
    // The last block of a row may be narrower.
    const missing = count > 0 && blocks[count - 1] === blockColumns - 1 ? blockColumns * block[1] - columns : 0
    const weights = count * block[1] - missing
    for (const end = Math.min(rows, row + block[0]); row < end; row++) {
      if (first + weights > entry.kept) checkKept(entry, first + weights)
      visit(row, blocks, count, first)
      first += weights
    }
  }
  if (decoder) inSection(section, () => decoder.finish())
  checkKept(entry, first)
}

/** The bytes of a tensor's values: floats, halves or codes, row by row. @throws PackedFileError */
export function valueBytes({ entry, values, codebook }: TensorSections): Uint8Array {
  const size = VALUE_BYTES[entry.encoding]
  const bytes = inSection(`${entry.name}/values`, () => decodeValues(values, entry.kept, size))
  if (codebook) checkCodes(entry, bytes, codebook)
  return bytes
}

/** @throws PackedFileError where a code is beyond the codebook */
export function checkCodes({ name }: TensorEntry, codes: Uint8Array, codebook: Uint8Array): void {
  const entries = codebook.length / 4
  for (let i = 0; i < codes.length; i++)
    if (codes[i] >= entries)
      throw new PackedFileError(`${name}/values`, `value ${i} is code ${codes[i]} of a codebook of ${entries}`)
}

/** The table of an `int8` tensor, or of a `codebook`, whose scales are 1. @throws PackedFileError */
export function codeTable({ entry, scales, codebook }: TensorSections): CodeTable {
  const { rows } = blockShape(entry)
  if (entry.encoding === 'int8') {
    const section = `${entry.name}/scales`
    if (scales?.length !== 2 * rows)
      throw new PackedFileError(section, `it does not have one scale for each of ${rows} rows`)
    // Scales are the upper halves of floats.
    const bits = Uint32Array.from({ length: rows }, (_, r) => (scales[2 * r] << 16) | (scales[2 * r + 1] << 24))
    const floats = new Float32Array(bits.buffer)
    checkFinite(floats, section, GREATEST_SCALE)
    return { table: int8Table(), scales: floats }
  }
  const section = `${entry.name}/codebook`
  if (!codebook || codebook.length % 4 !== 0 || codebook.length === 0 || codebook.length > 4 * MAXIMUM_CODEBOOK)
    throw new PackedFileError(section, `it does not have 1 to ${MAXIMUM_CODEBOOK} numbers`)
  const entries = new Float32Array(codebook.slice().buffer)
  checkFinite(entries, section)
  const table = new Float32Array(256)
  table.set(entries)
  return { table, scales: new Float32Array(rows).fill(1) }
}

/** The values of a tensor of floats or halves. @throws PackedFileError where one is not finite */
export function floatValues(sections: TensorSections): Float32Array {
  const { entry } = sections
  const bytes = valueBytes(sections)
  const values =
    entry.encoding === 'f32'
      ? new Float32Array(bytes.buffer)
      : Float32Array.from(new Uint16Array(bytes.buffer), halfToFloat)
  checkFinite(values, `${entry.name}/values`)
  return values
}

/** A code times this is finite, and no weight is near it. */
const GREATEST_SCALE = 2 ** 64

/** @throws PackedFileError naming the first number that is NaN or infinite, or whose size is beyond `greatest` */
export function checkFinite(values: Float32Array, section: string, greatest = Number.MAX_VALUE): void {
  for (let i = 0; i < values.length; i++)
    if (!(Math.abs(values[i]) <= greatest))
      throw new PackedFileError(section, `number ${i} is ${values[i]}; every number must be finite`)
}

/**
 * A tensor with its zeros.
 * @returns data [rows, columns]; kept: one byte a weight, 1 where it is kept; absent where the file has no positions
 * @throws PackedFileError
 */
export function unpackTensor(sections: TensorSections): { data: Float32Array; kept?: Uint8Array } {
  const { entry } = sections
  const { columns, rows, block } = blockShape(entry)
  const code = isCoded(entry) ? { ...codeTable(sections), codes: valueBytes(sections) } : undefined
  const floats = code ? undefined : floatValues(sections)
  const data = new Float32Array(rows * columns)
  const kept = entry.block && new Uint8Array(data.length)
  eachRow(sections, (row, blocks, count, first) => {
    let from = first
    for (let i = 0; i < count; i++) {
      const end = Math.min(columns, (blocks[i] + 1) * block[1])
      for (let column = blocks[i] * block[1]; column < end; column++, from++) {
        if (floats) data[row * columns + column] = floats[from]
        else if (code) data[row * columns + column] = code.table[code.codes[from]] * code.scales[row]
        if (kept) kept[row * columns + column] = 1
      }
    }
  })
  return { data, kept }
}
