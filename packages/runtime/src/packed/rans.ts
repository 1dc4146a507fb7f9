/**
 * Range asymmetric numeral systems (rANS, Duda 2013), the byte-wise variant: a state in [2²³, 2³¹), and symbols with
 * frequencies out of 4096 slots. Symbols are encoded in the reverse of the order in which they are decoded.
 */
import { UserError } from '../errors.ts'

/** Frequencies add up to 2^12 slots. */
export const SLOT_BITS = 12
export const SLOTS = 1 << SLOT_BITS
/** The least state; the encoder begins with it. */
const LOWEST = 1 << 23

/** How the slots are divided among symbols. */
export interface FrequencyTable {
  /** Slots of each symbol, one at least. */
  readonly frequency: Uint16Array
  /** First slot of each symbol. */
  readonly start: Uint16Array
  /** The symbol that each slot belongs to. */
  readonly symbol: Uint8Array
}

/** @param frequency slots of each symbol, for at most 256 symbols @throws RangeError if they do not add up to {@link SLOTS} */
export function createFrequencyTable(frequency: ArrayLike<number>): FrequencyTable {
  const start = new Uint16Array(frequency.length)
  const symbol = new Uint8Array(SLOTS)
  let slot = 0
  for (let s = 0; s < frequency.length; s++) {
    start[s] = slot
    symbol.fill(s, slot, slot + frequency[s])
    slot += frequency[s]
  }
  if (slot !== SLOTS) throw new RangeError(`frequencies add up to ${slot}, not ${SLOTS}`)
  return { frequency: Uint16Array.from(frequency), start, symbol }
}

/** Slots in proportion to counts; a symbol that occurs gets at least one. */
export function normalizeFrequencies(histogram: ArrayLike<number>): number[] {
  const counts = Array.from(histogram)
  const total = counts.reduce((a, b) => a + b, 0)
  if (total === 0) return [SLOTS]
  const found = counts.map(n => (n === 0 ? 0 : Math.max(1, Math.floor((n * SLOTS) / total))))
  // The most frequent symbol gets the slots that rounding left, or gives those that rounding took too many.
  for (let rest = SLOTS - found.reduce((a, b) => a + b, 0); rest !== 0; ) {
    const commonest = found.indexOf(Math.max(...found))
    const change = rest > 0 ? rest : -Math.min(-rest, found[commonest] >> 1)
    found[commonest] += change
    rest -= change
  }
  return found
}

/** Decodes symbols. Never reads past the end of the bytes: that is an error. */
export class RansDecoder {
  #state: number
  #position = 4

  /** @throws UserError `damaged-file` where the bytes do not begin with a state */
  constructor(readonly bytes: Uint8Array) {
    if (bytes.length < 4) throw damagedData()
    this.#state = (bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24)) >>> 0
    if (this.#state < LOWEST || this.#state >= 0x80000000) throw damagedData()
  }

  /** The next symbol. @throws UserError `damaged-file` */
  decode({ frequency, start, symbol }: FrequencyTable): number {
    const slot = this.#state & (SLOTS - 1)
    const found = symbol[slot]
    this.#advance(frequency[found], slot - start[found])
    return found
  }

  /** Decodes as many symbols as fit in `out`, each `stride` bytes after the one before. @throws UserError `damaged-file` */
  decodeAll({ frequency, start, symbol }: FrequencyTable, out: Uint8Array, offset = 0, stride = 1): void {
    const { bytes } = this
    let [state, position] = [this.#state, this.#position]
    for (let i = offset; i < out.length; i += stride) {
      const slot = state & (SLOTS - 1)
      const found = symbol[slot]
      state = frequency[found] * (state >>> SLOT_BITS) + slot - start[found]
      while (state < LOWEST) {
        if (position >= bytes.length) throw damagedData()
        state = (state << 8) | bytes[position++]
      }
      out[i] = found
    }
    this.#state = state
    this.#position = position
  }

  /** The next number of so many bits, at most 12, whose values are equally probable. @throws UserError `damaged-file` */
  bits(count: number): number {
    const slot = this.#state & (SLOTS - 1)
    const shift = SLOT_BITS - count
    this.#advance(1 << shift, slot & ((1 << shift) - 1))
    return slot >>> shift
  }

  /** Whether all bytes were read and the state is the one that the encoder began with. */
  get finished(): boolean {
    return this.#position === this.bytes.length && this.#state === LOWEST
  }

  #advance(frequency: number, offset: number): void {
    let state = frequency * (this.#state >>> SLOT_BITS) + offset
    while (state < LOWEST) {
      if (this.#position >= this.bytes.length) throw damagedData()
      state = (state << 8) | this.bytes[this.#position++]
    }
    this.#state = state
  }
}

/** Collects symbols in the order in which they will be decoded, and encodes them at the end. */
export class RansEncoder {
  readonly #intervals: number[] = []

  encode(symbol: number, { frequency, start }: FrequencyTable): void {
    this.#intervals.push((start[symbol] << 16) | frequency[symbol])
  }

  bits(value: number, count: number): void {
    const shift = SLOT_BITS - count
    this.#intervals.push(((value << shift) << 16) | (1 << shift))
  }

  finish(): Uint8Array {
    const reversed: number[] = []
    let state = LOWEST
    for (let i = this.#intervals.length - 1; i >= 0; i--) {
      const frequency = this.#intervals[i] & 0xffff
      const start = this.#intervals[i] >>> 16
      const limit = (LOWEST >>> SLOT_BITS) * 256 * frequency
      while (state >= limit) {
        reversed.push(state & 255)
        state >>>= 8
      }
      state = Math.floor(state / frequency) * SLOTS + (state % frequency) + start
    }
    const bytes = new Uint8Array(reversed.length + 4)
    for (let i = 0; i < 4; i++) bytes[i] = (state >>> (8 * i)) & 255
    for (let i = 0; i < reversed.length; i++) bytes[4 + i] = reversed[reversed.length - 1 - i]
    return bytes
  }
}

/** The one error of all decoders of coded data; whoever knows the section adds it. */
export const damagedData = () => new UserError('damaged-file', 'its coded data are damaged')
