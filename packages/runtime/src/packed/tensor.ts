/** Tensors of a packed file: their positions and values put together again. */
import { UserError } from '../errors.ts'
import { matrixShape } from '../shapes.ts'
import { PackedFileError, type TensorEntry, type TensorSections } from './format.ts'
import { PositionDecoder } from './positions.ts'
import { decodeValues, halfToFloat, VALUE_BYTES } from './values.ts'

/** Entries of a codebook, at most: a code is a byte. */
const MOST_ENTRIES = 256

/** Rows of blocks, blocks of a row, and the weights of a block. Absent blocks are those of single weights. */
export function blockShape({ shape, block = [1, 1] }: TensorEntry) {
  const [rows, columns] = matrixShape(shape)
  return { rows, columns, block, unitRows: Math.ceil(rows / block[0]), unitColumns: Math.ceil(columns / block[1]) }
}

/**
 * Goes through the rows of a matrix.
 * @param visit is given the row, which of its blocks are kept (ascending, the first `count` of `units`; not to be kept
 *   beyond the call) and the place of its first value among all of the tensor
 * @throws PackedFileError
 */
export function eachRow(
  { entry, positions }: TensorSections,
  visit: (row: number, units: Uint16Array | Uint32Array, count: number, first: number) => void,
): void {
  const { rows, columns, block, unitRows, unitColumns } = blockShape(entry)
  const units = new Uint32Array(unitColumns).map((_, i) => i)
  const decoder = positions && inSection(entry, 'positions', () => new PositionDecoder(positions, unitColumns))
  let [row, first] = [0, 0]
  for (let unitRow = 0; unitRow < unitRows; unitRow++) {
    const count = decoder ? inSection(entry, 'positions', () => decoder.readRow(units)) : unitColumns
    const partial = count > 0 && units[count - 1] === unitColumns - 1 ? unitColumns * block[1] - columns : 0
    const weights = count * block[1] - partial
    for (const end = Math.min(rows, row + block[0]); row < end; row++) {
      if (first + weights > entry.kept)
        throw new PackedFileError(`${entry.name}/positions`, 'more weights than are kept')
      visit(row, units, count, first)
      first += weights
    }
  }
  if (decoder) inSection(entry, 'positions', () => decoder.finish())
  if (first !== entry.kept) throw new PackedFileError(`${entry.name}/positions`, 'fewer weights than are kept')
}

/** The bytes of a tensor's values: floats, halves or codes, in the order of rows. */
export function valueBytes({ entry, values, codebook }: TensorSections): Uint8Array {
  const bytes = inSection(entry, 'values', () => decodeValues(values, entry.kept, VALUE_BYTES[entry.encoding]))
  if (codebook) checkCodes(entry, bytes, codebook)
  return bytes
}

/** @throws PackedFileError where a code is none of the codebook's */
export function checkCodes({ name }: TensorEntry, codes: Uint8Array, codebook: Uint8Array): void {
  const entries = codebook.length / 4
  for (let i = 0; i < codes.length; i++)
    if (codes[i] >= entries) throw new PackedFileError(`${name}/values`, `code ${codes[i]} of ${entries}`)
}

/** What codes of a byte stand for: a weight is `table[code]` times the scale of its row. */
export interface CodeTable {
  readonly table: Float32Array
  readonly scales: Float32Array
}

/** The table of an `int8` tensor, signed numbers with a scale a row, or of a `codebook`, whose scales are 1. */
export function codeTable({ entry, scales, codebook }: TensorSections): CodeTable {
  const { rows } = blockShape(entry)
  if (entry.encoding === 'int8') {
    if (scales?.length !== 2 * rows) throw new PackedFileError(`${entry.name}/scales`, 'not one scale a row')
    // The upper halves of floats.
    const bits = Uint32Array.from({ length: rows }, (_, r) => (scales[2 * r] << 16) | (scales[2 * r + 1] << 24))
    return {
      table: Float32Array.from({ length: 256 }, (_, code) => (code << 24) >> 24),
      scales: finite(new Float32Array(bits.buffer), `${entry.name}/scales`, GREATEST_SCALE),
    }
  }
  const section = `${entry.name}/codebook`
  if (!codebook || codebook.length % 4 !== 0 || codebook.length === 0 || codebook.length > 4 * MOST_ENTRIES)
    throw new PackedFileError(section, 'not 1 to 256 numbers')
  const table = new Float32Array(256)
  table.set(finite(new Float32Array(codebook.slice().buffer), section))
  return { table, scales: new Float32Array(rows).fill(1) }
}

/** Floats of a tensor written as such, as they are or out of halves. @throws PackedFileError where one is not finite */
export function floatValues(sections: TensorSections): Float32Array {
  const { entry } = sections
  const bytes = valueBytes(sections)
  const values =
    entry.encoding === 'f32'
      ? new Float32Array(bytes.buffer)
      : Float32Array.from(new Uint16Array(bytes.buffer), halfToFloat)
  return finite(values, `${entry.name}/values`)
}

/** No weight is near it; a code times it is finite. */
const GREATEST_SCALE = 2 ** 64

function finite(values: Float32Array, section: string, greatest = Number.MAX_VALUE): Float32Array {
  for (let i = 0; i < values.length; i++)
    if (!(Math.abs(values[i]) <= greatest)) throw new PackedFileError(section, `number ${i} is ${values[i]}`)
  return values
}

/**
 * A tensor with all its zeros, and which weights are kept.
 * @returns data [rows · columns]; kept: one mark a weight, absent where the file has no positions
 */
export function unpackTensor(sections: TensorSections): { data: Float32Array; kept?: Uint8Array } {
  const { entry } = sections
  const { columns, rows, block } = blockShape(entry)
  const coded = entry.encoding === 'int8' || entry.encoding === 'codebook'
  const code = coded ? codeTable(sections) : undefined
  const codes = coded ? valueBytes(sections) : undefined
  const floats = coded ? undefined : floatValues(sections)
  const data = new Float32Array(rows * columns)
  const kept = entry.block && new Uint8Array(data.length)
  eachRow(sections, (row, units, count, first) => {
    let from = first
    for (let i = 0; i < count; i++) {
      const end = Math.min(columns, (units[i] + 1) * block[1])
      for (let column = units[i] * block[1]; column < end; column++, from++) {
        data[row * columns + column] = floats ? floats[from] : code!.table[codes![from]] * code!.scales[row]
        if (kept) kept[row * columns + column] = 1
      }
    }
  })
  return { data, kept }
}

/** Tells the section that something was wrong in. */
function inSection<T>(entry: TensorEntry, part: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof UserError) throw new PackedFileError(`${entry.name}/${part}`, error.message)
    throw error
  }
}
