/**
 * Where the kept weights of a matrix are, coded near the entropy of their positions.
 *
 * Row by row: how many are kept, as a difference from what the row before and the mean foretell; then the gap before
 * each. A gap is geometrically distributed with the density of what is left of the row, so a row costs log2 of the
 * number of ways to choose its positions, nearly, and rows of few weights cost little; the last weight of a row is
 * anywhere in what is left of it. Tables are made by integer arithmetic alone, so that every machine has the same ones.
 */
import { UserError } from '../errors.ts'
import { createModel, type Model, RansDecoder, RansEncoder, SLOTS, shares } from './rans.ts'

/** Densities are taken as this many parts of one. */
const PARTS = 4096
/** A gap model ends where less than this share of the probability is left: longer gaps are skipped through. */
const TAIL = 2 ** 24 / 256
const LONGEST = 254

/** Of the count of the row before, in quarters; the rest is of the mean. */
const WEIGHTS = [0, 1, 2, 3, 4]
/** Bytes before the shares of the buckets: the weight, the mean, how many buckets there are. */
const HEAD = 6

/** Marks of a matrix, one a unit: 1 where it is kept. */
export interface Positions {
  readonly rows: number
  readonly columns: number
  readonly kept: Uint8Array
}

interface GapModels {
  /** The model of each density in parts. */
  readonly of: Uint8Array
  /** Their last symbol is a skip: as many units pruned as there are symbols before it. */
  readonly models: readonly Model[]
}
let gapModels: GapModels | undefined

/** Models of gaps for densities from 1 / 4096 up, each about a sixteenth from the next. */
function gaps(): GapModels {
  if (gapModels) return gapModels
  const of = new Uint8Array(PARTS + 1)
  const models: Model[] = []
  for (let density = 1; density < PARTS; ) {
    const step = Math.max(1, Math.min(density >> 4, (PARTS - density) >> 4))
    of.fill(models.length, density, PARTS + 1)
    models.push(gapModel(Math.min(PARTS - 1, density + (step >> 1))))
    density += step
  }
  gapModels = { of, models }
  return gapModels
}

/** Geometric gaps of a density in parts, and the skip. */
export function gapModel(density: number): Model {
  const frequency: number[] = []
  let left = 2 ** 24
  let slots = 0
  while (frequency.length < LONGEST && left > TAIL) {
    left -= Math.floor((left * density) / PARTS)
    // Rounded as a sum, so that many small shares do not all lose a half.
    const until = (2 ** 24 - left + 2048) >>> 12
    frequency.push(Math.max(1, until - slots))
    slots = until
  }
  frequency.push(Math.max(1, SLOTS - slots))
  // What a slot for the rarest took is the commonest symbol's loss.
  frequency[frequency.indexOf(Math.max(...frequency))] += SLOTS - frequency.reduce((a, b) => a + b, 0)
  return createModel(frequency)
}

/** The model for a row of which `left` units are kept among `among`. */
function gapModelOf({ of, models }: GapModels, left: number, among: number): Model {
  return models[of[Math.max(1, Math.floor((left * PARTS) / among))]]
}

const foretell = (weight: number, before: number, mean: number) => (weight * before + (4 - weight) * mean) >> 2
const zigzag = (difference: number) => (difference < 0 ? -2 * difference - 1 : 2 * difference)
const unzigzag = (code: number) => (code & 1 ? -((code + 1) >>> 1) : code >>> 1)
/** Numbers of 24 bits at most: 0 to 3 each by itself, then half octaves. */
const MOST_BUCKETS = 4 + 2 * 22
/** The numbers of a bucket: the first, and the bits that tell them apart. */
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

/** Codes positions. @returns bytes that a {@link PositionDecoder} reads, given rows and columns */
export function encodePositions({ rows, columns, kept }: Positions): Uint8Array {
  const counts = new Int32Array(rows)
  for (let row = 0; row < rows; row++) for (let i = row * columns; i < (row + 1) * columns; i++) counts[row] += kept[i]
  const mean = Math.round(counts.reduce((a, b) => a + b, 0) / Math.max(1, rows))
  const candidates = WEIGHTS.map(weight =>
    [...counts].map((count, row) => zigzag(count - foretell(weight, row > 0 ? counts[row - 1] : mean, mean))),
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
  const frequencies = shares(histogram)
  const buckets = createModel(frequencies)
  const tables = gaps()
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
      const model = gapModelOf(tables, left, columns - column)
      const skip = model.frequency.length - 1
      let gap = 0
      while (gap < skip && kept[row * columns + column + gap] === 0) gap++
      coder.encode(gap, model)
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

/** Reads positions row by row, so that nothing of the matrix's size is needed. */
export class PositionDecoder {
  readonly #coder: RansDecoder
  readonly #buckets: Model
  readonly #tables = gaps()
  readonly #weight: number
  readonly #mean: number
  #count: number

  /** @throws UserError `damaged-file` */
  constructor(
    bytes: Uint8Array,
    readonly columns: number,
  ) {
    if (bytes.length < HEAD) throw damaged()
    this.#weight = bytes[0]
    this.#mean = (bytes[1] | (bytes[2] << 8) | (bytes[3] << 16) | (bytes[4] << 24)) >>> 0
    if (this.#weight >= WEIGHTS.length || this.#mean > columns) throw damaged()
    const end = HEAD + 2 * bytes[5]
    if (bytes[5] > MOST_BUCKETS || bytes.length < end) throw damaged()
    const frequencies = Array.from({ length: bytes[5] }, (_, i) => bytes[HEAD + 2 * i] | (bytes[HEAD + 1 + 2 * i] << 8))
    if (frequencies.reduce((a, b) => a + b, 0) !== SLOTS) throw damaged()
    this.#buckets = createModel(frequencies)
    this.#coder = new RansDecoder(bytes.subarray(end))
    this.#count = this.#mean
  }

  /**
   * The next row: the kept columns, ascending, are written to the beginning of `into`.
   * @param into has room for all columns
   * @returns how many are kept
   * @throws UserError `damaged-file` where bytes are missing or no such positions
   */
  readRow(into: Uint16Array | Uint32Array): number {
    const { columns } = this
    const coder = this.#coder
    const { from, bits } = bucketRange(coder.decode(this.#buckets))
    const code = bits > 0 ? from + readBits(coder, bits) : from
    const count = foretell(this.#weight, this.#count, this.#mean) + unzigzag(code)
    if (count < 0 || count > columns) throw damaged()
    this.#count = count
    let [left, column, at] = [count, 0, 0]
    while (left > 0 && left < columns - column) {
      if (left === 1) {
        into[at] = column + readUniform(coder, columns - column)
        return count
      }
      const model = gapModelOf(this.#tables, left, columns - column)
      const gap = coder.decode(model)
      column += gap
      if (gap === model.frequency.length - 1) {
        if (column > columns) throw damaged()
        continue
      }
      if (column >= columns) throw damaged()
      into[at++] = column++
      left--
    }
    // What is left is all kept, or nothing is.
    if (left > columns - column) throw damaged()
    while (left-- > 0) into[at++] = column++
    return count
  }

  /** @throws UserError `damaged-file` where bytes are left over */
  finish(): void {
    if (!this.#coder.finished) throw damaged()
  }
}

/** Numbers of more bits than the coder takes at once go in two parts. */
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

/** One of so many numbers, all alike: truncated binary, at most a bit more for some than for others. */
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

const damaged = () => new UserError('damaged-file', 'the positions of kept weights are damaged')
