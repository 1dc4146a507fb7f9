/** The header of a packed file: what it holds, and its check. docs/format.md specifies it. */
import { matrixShape, sizeOf } from '../shapes.ts'
import { PackedFileError } from './error.ts'
import { VALUE_BYTES, type ValueEncoding } from './values.ts'

/** A section as the header lists it. */
export interface SectionEntry {
  readonly name: string
  readonly bytes: number
  /** CRC-32. */
  readonly crc: number
}

/** A tensor as the header describes it. */
export interface TensorEntry {
  readonly name: string
  /** Up to two numbers: [] is a scalar. */
  readonly shape: readonly number[]
  readonly encoding: ValueEncoding
  /** Rows and columns of the blocks whose positions are written; absent: every weight is kept, without positions. */
  readonly block?: readonly [rows: number, columns: number]
  /** How many weights are kept. */
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

/** The first section: the model's text files. */
export const TEXT_SECTION = 'text'

/** The sections of a tensor, in the order in which a file holds them. */
export const sectionNames = (tensor: TensorEntry): string[] => tensorParts(tensor).map(part => `${tensor.name}/${part}`)

/** The last parts of the names of a tensor's sections. */
export const tensorParts = ({ block, encoding }: TensorEntry): ('positions' | 'scales' | 'codebook' | 'values')[] => [
  ...(block ? (['positions'] as const) : []),
  ...(encoding === 'int8' ? (['scales'] as const) : []),
  ...(encoding === 'codebook' ? (['codebook'] as const) : []),
  'values',
]

/** No translation model has more rows or columns. */
const MAXIMUM_ROWS = 1 << 24
const MAXIMUM_COLUMNS = 1 << 16

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)
const isSize = (x: unknown, most = Number.MAX_SAFE_INTEGER): x is number =>
  typeof x === 'number' && Number.isSafeInteger(x) && x >= 0 && x <= most
/** A value from a file, short enough for a message. */
const shown = (x: unknown): string =>
  typeof x === 'string' ? x.slice(0, 80) : typeof x === 'number' || typeof x === 'boolean' ? String(x) : `a ${typeof x}`

const wrong = (problem: string) => new PackedFileError('header', problem)

/** @throws PackedFileError */
export function parseHeader(bytes: Uint8Array): PackedHeader {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw wrong('it is not JSON')
  }
  return checkHeader(parsed)
}

/** @throws PackedFileError */
export function checkHeader(header: unknown): PackedHeader {
  if (!isObject(header)) throw wrong('it is not an object')
  const { generator, tensors, sections, quality } = header
  if (typeof generator !== 'string') throw wrong('generator is not a string')
  if (!Array.isArray(sections)) throw wrong('sections is not a list')
  if (!Array.isArray(tensors)) throw wrong('tensors is not a list')
  checkSections(sections)
  const names = new Set<unknown>()
  for (const tensor of tensors) {
    if (!isObject(tensor)) throw wrong('a tensor is not an object')
    checkTensor(tensor)
    if (names.has(tensor.name)) throw wrong(`tensor ${tensor.name} is listed twice`)
    names.add(tensor.name)
  }
  if (quality !== undefined && !(Array.isArray(quality) && quality.every(isQualityFigure)))
    throw wrong('quality is not a list of figures')
  // Every property of the interface was checked above.
  return header as unknown as PackedHeader
}

function checkSections(sections: readonly unknown[]): void {
  const names = new Set<string>()
  for (const section of sections) {
    if (!isObject(section)) throw wrong('a section is not an object')
    const { name, bytes, crc } = section
    if (typeof name !== 'string') throw wrong('a section has no name')
    if (names.has(name)) throw wrong(`section ${shown(name)} is listed twice`)
    if (!isSize(bytes)) throw wrong(`section ${shown(name)}: bytes is not a size`)
    if (!isSize(crc, 0xffffffff)) throw wrong(`section ${shown(name)}: crc is not a number of 32 bits`)
    names.add(name)
  }
}

const isQualityFigure = (x: unknown): boolean =>
  isObject(x) &&
  typeof x.name === 'string' &&
  typeof x.value === 'number' &&
  (x.signature === undefined || typeof x.signature === 'string')

const isShape = (x: unknown): x is number[] =>
  Array.isArray(x) && x.length <= 2 && x.every(length => isSize(length, MAXIMUM_ROWS))

function checkTensor({ name, shape, encoding, block, kept }: Record<string, unknown>): void {
  const wrongTensor = (problem: string) => wrong(`tensor ${shown(name)}: ${problem}`)
  if (typeof name !== 'string' || name === '') throw wrong('a tensor has no name')
  if (!isShape(shape)) throw wrongTensor(`its shape is not at most two sizes up to ${MAXIMUM_ROWS}`)
  if (typeof encoding !== 'string' || !Object.hasOwn(VALUE_BYTES, encoding))
    throw wrongTensor(`its encoding is not one of ${Object.keys(VALUE_BYTES).join(', ')}`)
  const [, columns] = matrixShape(shape)
  const weights = sizeOf(shape)
  if (shape.length > 1 && columns > MAXIMUM_COLUMNS)
    throw wrongTensor(`it has ${columns} columns; at most ${MAXIMUM_COLUMNS} can be`)
  if (!isSize(kept, weights)) throw wrongTensor(`kept is ${shown(kept)}, of ${weights} weights`)
  if (block === undefined) {
    if (kept !== weights) throw wrongTensor('it has no positions although some weights are pruned')
  } else if (!Array.isArray(block) || block.length !== 2 || !block.every(n => isSize(n, MAXIMUM_COLUMNS) && n > 0))
    throw wrongTensor('its block is not two sizes')
}
