/**
 * Positions of the kept weights of a matrix, coded close to their entropy.
 *
 * Row by row: how many are kept, as a difference from a prediction by the previous row and the mean; then the gap before
 * each kept unit. Gaps are geometrically distributed with the density of the rest of the row, so that a row costs nearly
 * log2 of the number of ways to choose its positions, and sparse rows cost little. The last kept unit of a row is
 * uniformly distributed over the rest of it. Tables are made by integer arithmetic, so that they are equal on every machine.
 */
import {
  createFrequencyTable,
  damagedData,
  type FrequencyTable,
  normalizeFrequencies,
  RansDecoder,
  RansEncoder,
  SLOTS,
} from './rans.ts'

/** Densities are multiples of 1 / 4096. */
const DENSITY_STEPS = 4096
/** Gaps have symbols of their own until less than this probability (of 2^24) is left: longer ones begin with skips. */
const TAIL = 2 ** 24 / 256
/** The most gaps that a table has symbols for. */
const LONGEST = 254

/** Weights of the previous row's count in a prediction, in quarters; the rest is the mean's. */
const WEIGHTS = [0, 1, 2, 3, 4]
/** Bytes before the frequencies of the buckets: the weight, the mean, the number of buckets. */
const HEAD = 6

/** Which units (weights or blocks) of a matrix are kept: [rows, columns], 1 where kept. */
export interface Positions {
  readonly rows: number
  readonly columns: number
  readonly kept: Uint8Array
}

interface GapTables {
  /** The index of the table for each density. */
  readonly byDensity: Uint8Array
  /** The last symbol of each is a skip over as many pruned units as there are symbols before it. */
  readonly tables: readonly FrequencyTable[]
}
let cachedTables: GapTables | undefined

/** Tables for densities from 1 / 4096 up, each about a sixteenth greater than the one before. */
function gapTables(): GapTables {
  if (cachedTables) return cachedTables
  const byDensity = new Uint8Array(DENSITY_STEPS + 1)
  const tables: FrequencyTable[] = []
  for (let density = 1; density < DENSITY_STEPS; ) {
    const step = Math.max(1, Math.min(density >> 4, (DENSITY_STEPS - density) >> 4))
    byDensity.fill(tables.length, density, DENSITY_STEPS + 1)
    tables.push(gapTable(Math.min(DENSITY_STEPS - 1, density + (step >> 1))))
    density += step
  }
  cachedTables = { byDensity, tables }
  return cachedTables
}

/** Frequencies of geometrically distributed gaps, and of the skip. @param density of 4096 */
export function gapTable(density: number): FrequencyTable {
  const frequency: number[] = []
  let left = 2 ** 24
  let slots = 0
  while (frequency.length < LONGEST && left > TAIL) {
    left -= Math.floor((left * density) / DENSITY_STEPS)
    // Cumulative sums are rounded, so that many small frequencies do not all lose a half.
    const until = (2 ** 24 - left + 2048) >>> 12
    frequency.push(Math.max(1, until - slots))
    slots = until
  }
  frequency.push(Math.max(1, SLOTS - slots))
  // Rounding up rare symbols is paid for by the most frequent one.
  frequency[frequency.indexOf(Math.max(...frequency))] += SLOTS - frequency.reduce((a, b) => a + b, 0)
  return createFrequencyTable(frequency)
}

/** The table for the rest of a row: `left` of `among` units are kept. */
function gapTableFor({ byDensity, tables }: GapTables, left: number, among: number): FrequencyTable {
  return tables[byDensity[Math.max(1, Math.floor((left * DENSITY_STEPS) / among))]]
}

const predict = (weight: number, previous: number, mean: number) => (weight * previous + (4 - weight) * mean) >> 2
const zigzag = (difference: number) => (difference < 0 ? -2 * difference - 1 : 2 * difference)
const unzigzag = (code: number) => (code & 1 ? -((code + 1) >>> 1) : code >>> 1)
/** Buckets of numbers of at most 24 bits: 0 to 3 have one each, then half octaves. */
const MAXIMUM_BUCKETS = 4 + 2 * 22
/** The first number of a bucket, and how many bits its numbers take. */
function bucketRange(bucket: number): { from: number; bits: number } {
  if (bucket < 4) return { from: bucket, bits: 0 }
  const bits = ((bucket - 4) >> 1) + 1
  return { from: (2 + (bucket & 1)) << bits, bits }
}
function bucketOf(code: number): { bucket: number; from: number; bits: number } {
  const bucket = code < 4 ? code : 2 * bitLength(code) - 2 + ((code >>> (bitLength(code) - 2)) & 1)
  return { bucket, ...bucketRange(bucket) }
}
const bitLength = (n: number) => 32 - Math.clz32(n)

/** Encodes positions. @returns what a {@link PositionDecoder} reads, given the number of columns */
export function encodePositions({ rows, columns, kept }: Positions): Uint8Array {
  const counts = new Int32Array(rows)
  for (let row = 0; row < rows; row++) for (let i = row * columns; i < (row + 1) * columns; i++) counts[row] += kept[i]
  const mean = Math.round(counts.reduce((a, b) => a + b, 0) / Math.max(1, rows))
  const candidates = WEIGHTS.map(weight =>
    [...counts].map((count, row) => zigzag(count - predict(weight, row > 0 ? counts[row - 1] : mean, mean))),
  )
  const costs = candidates.map(list => list.reduce((bits, code) => bits + Math.log2(code + 1), 0))
  const weight = costs.indexOf(Math.min(...costs))
  const codes = candidates[weight]
  const histogram: number[] = []
  for (const code of codes) {
    const { bucket } = bucketOf(code)
    while (histogram.length <= bucket) histogram.push(0)
    histogram[bucket]++
  }
  const frequencies = normalizeFrequencies(histogram)
  const buckets = createFrequencyTable(frequencies)
  const tables = gapTables()
  const coder = new RansEncoder()
  for (let row = 0; row < rows; row++) {
    const { bucket, from, bits } = bucketOf(codes[row])
    coder.encode(bucket, buckets)
    if (bits > 0) writeBits(coder, codes[row] - from, bits)
    let [left, column] = [counts[row], 0]
    while (left > 0 && left < columns - column) {
      if (left === 1) {
        const gap = kept.indexOf(1, row * columns + column) - row * columns - column
        writeUniform(coder, gap, columns - column)
        break
      }
      const table = gapTableFor(tables, left, columns - column)
      const skip = table.frequency.length - 1
      let gap = 0
      while (gap < skip && kept[row * columns + column + gap] === 0) gap++
      coder.encode(gap, table)
      column += gap
      if (gap === skip) continue
      column++
      left--
    }
  }
  const head = new Uint8Array(HEAD + 2 * frequencies.length)
  head.set([weight, mean & 255, (mean >>> 8) & 255, (mean >>> 16) & 255, mean >>> 24, frequencies.length])
  for (const [i, f] of frequencies.entries()) head.set([f & 255, f >>> 8], HEAD + 2 * i)
  const body = coder.finish()
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}

/** Decodes positions row by row, in memory for one row. */
export class PositionDecoder {
  readonly #coder: RansDecoder
  readonly #buckets: FrequencyTable
  readonly #tables = gapTables()
  readonly #weight: number
  readonly #mean: number
  #count: number

  /** @throws UserError `damaged-file` */
  constructor(
    bytes: Uint8Array,
    readonly columns: number,
  ) {
    if (bytes.length < HEAD) throw damagedData()
    this.#weight = bytes[0]
    this.#mean = (bytes[1] | (bytes[2] << 8) | (bytes[3] << 16) | (bytes[4] << 24)) >>> 0
    if (this.#weight >= WEIGHTS.length || this.#mean > columns) throw damagedData()
    const end = HEAD + 2 * bytes[5]
    if (bytes[5] > MAXIMUM_BUCKETS || bytes.length < end) throw damagedData()
    const frequencies = Array.from({ length: bytes[5] }, (_, i) => bytes[HEAD + 2 * i] | (bytes[HEAD + 1 + 2 * i] << 8))
    if (frequencies.reduce((a, b) => a + b, 0) !== SLOTS) throw damagedData()
    this.#buckets = createFrequencyTable(frequencies)
    this.#coder = new RansDecoder(bytes.subarray(end))
    this.#count = this.#mean
  }

  /**
   * Decodes the next row.
   * @param kept the kept columns are written to it, ascending; it has to be as long as a row
   * @returns how many are kept
   * @throws UserError `damaged-file`
   */
  readRow(kept: Uint16Array | Uint32Array): number {
    const { columns } = this
    const coder = this.#coder
    const { from, bits } = bucketRange(coder.decode(this.#buckets))
    const code = bits > 0 ? from + readBits(coder, bits) : from
    const count = predict(this.#weight, this.#count, this.#mean) + unzigzag(code)
    if (count < 0 || count > columns) throw damagedData()
    this.#count = count
    let [left, column, found] = [count, 0, 0]
    while (left > 0 && left < columns - column) {
      if (left === 1) {
        kept[found] = column + readUniform(coder, columns - column)
        return count
      }
      const table = gapTableFor(this.#tables, left, columns - column)
      const gap = coder.decode(table)
      column += gap
      if (gap === table.frequency.length - 1) {
        if (column > columns) throw damagedData()
        continue
      }
      if (column >= columns) throw damagedData()
      kept[found++] = column++
      left--
    }
    // The rest of the row is all kept, or all pruned.
    if (left > columns - column) throw damagedData()
    while (left-- > 0) kept[found++] = column++
    return count
  }

  /** @throws UserError `damaged-file` where bytes are left */
  finish(): void {
    if (!this.#coder.finished) throw damagedData()
  }
}

/** Numbers of more than 12 bits are coded in two parts. */
function writeBits(coder: RansEncoder, value: number, count: number): void {
  const low = Math.min(count, 12)
  coder.bits(value & ((1 << low) - 1), low)
  if (count > low) coder.bits(value >>> low, count - low)
}

function readBits(coder: RansDecoder, count: number): number {
  const low = Math.min(count, 12)
  const value = coder.bits(low)
  return count > low ? value + coder.bits(count - low) * 2 ** low : value
}

/** A number below `among`, uniformly distributed, in truncated binary. */
function writeUniform(coder: RansEncoder, value: number, among: number): void {
  const length = bitLength(among) - 1
  const short = 2 ** (length + 1) - among
  if (value < short) writeBits(coder, value, length)
  else {
    writeBits(coder, (value + short) >>> 1, length)
    coder.bits((value + short) & 1, 1)
  }
}

function readUniform(coder: RansDecoder, among: number): number {
  const length = bitLength(among) - 1
  const short = 2 ** (length + 1) - among
  const value = readBits(coder, length)
  return value < short ? value : 2 * value + coder.bits(1) - short
}
