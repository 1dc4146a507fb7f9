/**
 * Range asymmetric numeral systems (rANS, Duda 2013), the byte-wise variant: a state in [2²³, 2³¹) from which symbols are
 * taken by their share of 4096 slots. What is decoded first was encoded last.
 */
import { UserError } from '../errors.ts'

/** Shares are out of 2^12 slots. */
export const SLOT_BITS = 12
export const SLOTS = 1 << SLOT_BITS
const LOWEST = 1 << 23

/** How the slots are divided among symbols. */
export interface Model {
  /** Slots of each symbol, one at least. */
  readonly frequency: Uint16Array
  /** First slot of each symbol. */
  readonly start: Uint16Array
  /** The symbol that each slot belongs to. */
  readonly symbol: Uint8Array
}

/** @param frequency slots of each symbol, at most 256 of them; their sum is {@link SLOTS} */
export function createModel(frequency: ArrayLike<number>): Model {
  const start = new Uint16Array(frequency.length)
  const symbol = new Uint8Array(SLOTS)
  let at = 0
  for (let s = 0; s < frequency.length; s++) {
    start[s] = at
    symbol.fill(s, at, at + frequency[s])
    at += frequency[s]
  }
  if (at !== SLOTS) throw new RangeError(`frequencies have a sum of ${at}, not ${SLOTS}`)
  return { frequency: Uint16Array.from(frequency), start, symbol }
}

/** Shares of the slots as near as can be to counts; a symbol that occurs has one at least. */
export function shares(histogram: ArrayLike<number>): number[] {
  const counts = Array.from(histogram)
  const total = counts.reduce((a, b) => a + b, 0)
  if (total === 0) return [SLOTS]
  const found = counts.map(n => (n === 0 ? 0 : Math.max(1, Math.floor((n * SLOTS) / total))))
  // What rounding left over is the commonest symbol's; what it took too much is taken where there is most.
  for (let rest = SLOTS - found.reduce((a, b) => a + b, 0); rest !== 0; ) {
    const commonest = found.indexOf(Math.max(...found))
    const change = rest > 0 ? rest : -Math.min(-rest, found[commonest] >> 1)
    found[commonest] += change
    rest -= change
  }
  return found
}

/** Takes symbols from bytes. Reading past their end is an error, never more than they hold. */
export class RansDecoder {
  #state: number
  #at = 4

  /** @throws UserError `damaged-file` where there is no state */
  constructor(readonly bytes: Uint8Array) {
    if (bytes.length < 4) throw damaged()
    this.#state = (bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24)) >>> 0
    if (this.#state < LOWEST || this.#state >= 0x80000000) throw damaged()
  }

  /** The next symbol of a model. */
  decode({ frequency, start, symbol }: Model): number {
    const slot = this.#state & (SLOTS - 1)
    const found = symbol[slot]
    this.#advance(frequency[found], slot - start[found])
    return found
  }

  /** As many symbols of a model as `out` holds, each in the byte `stride` after the one before. */
  decodeAll({ frequency, start, symbol }: Model, out: Uint8Array, offset = 0, stride = 1): void {
    const { bytes } = this
    let [state, at] = [this.#state, this.#at]
    for (let i = offset; i < out.length; i += stride) {
      const slot = state & (SLOTS - 1)
      const found = symbol[slot]
      state = frequency[found] * (state >>> SLOT_BITS) + slot - start[found]
      while (state < LOWEST) {
        if (at >= bytes.length) throw damaged()
        state = (state << 8) | bytes[at++]
      }
      out[i] = found
    }
    this.#state = state
    this.#at = at
  }

  /** The next number of so many bits, all values alike; 12 bits at most. */
  bits(count: number): number {
    const slot = this.#state & (SLOTS - 1)
    const shift = SLOT_BITS - count
    this.#advance(1 << shift, slot & ((1 << shift) - 1))
    return slot >>> shift
  }

  /** Whether all bytes were used and the state is the one that encoding begins with. */
  get finished(): boolean {
    return this.#at === this.bytes.length && this.#state === LOWEST
  }

  #advance(frequency: number, offset: number): void {
    let state = frequency * (this.#state >>> SLOT_BITS) + offset
    while (state < LOWEST) {
      if (this.#at >= this.bytes.length) throw damaged()
      state = (state << 8) | this.bytes[this.#at++]
    }
    this.#state = state
  }
}

/** Notes symbols in the order in which they will be decoded, and codes them at the end. */
export class RansEncoder {
  readonly #intervals: number[] = []

  encode(symbol: number, { frequency, start }: Model): void {
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

const damaged = () => new UserError('damaged-file', 'coded data end too early or are not what was written')
