/** The decoder of src/packed/rans.ts. It never reads beyond the bytes that it is given. */

const SLOT_BITS: u32 = 12
export const SLOTS: u32 = 1 << SLOT_BITS
const LOWEST: u32 = 1 << 23

/** A frequency table in memory: u8[4096] the symbol of each slot, u16[256] frequencies, u16[256] first slots, u32 symbols. */
export const FREQUENCIES: usize = 4096
const FIRST: usize = FREQUENCIES + 512
export const COUNT: usize = FIRST + 512
export const TABLE_BYTES: usize = COUNT + 64

// The state of the decoder. There is one decoder: tensors are decoded one after the other.
let state: u32 = 0
let position: usize = 0
let end: usize = 0
let failed: bool = false

/** @returns whether the bytes from `from` to `to` begin with a state */
export function begin(from: usize, to: usize): bool {
  failed = false
  position = from + 4
  end = to
  if (end < position) return false
  state = load<u32>(from)
  return state >= LOWEST && state < 0x80000000
}

// @inline
function advance(frequency: u32, offset: u32): void {
  let next = frequency * (state >> SLOT_BITS) + offset
  while (next < LOWEST) {
    if (position >= end) {
      failed = true
      next = LOWEST
      break
    }
    next = (next << 8) | load<u8>(position++)
  }
  state = next
}

// @inline
export function decode(table: usize): u32 {
  const slot = state & (SLOTS - 1)
  const symbol = <u32>load<u8>(table + slot)
  const entry = table + ((<usize>symbol) << 1)
  advance(load<u16>(entry, FREQUENCIES), slot - load<u16>(entry, FIRST))
  return symbol
}

/** A number of at most 12 bits. */
function bits(count: u32): u32 {
  const slot = state & (SLOTS - 1)
  const shift = SLOT_BITS - count
  advance(1 << shift, slot & ((1 << shift) - 1))
  return slot >> shift
}

/** A number of at most 24 bits. */
export function manyBits(count: u32): u32 {
  const low = min<u32>(count, 12)
  const value = bits(low)
  return count > low ? value + (bits(count - low) << low) : value
}

/** A number below `among`, in truncated binary. */
export function uniform(among: u32): u32 {
  const length: u32 = 31 - clz(among)
  const short = ((<u32>2) << length) - among
  const value = manyBits(length)
  return value < short ? value : 2 * value + bits(1) - short
}

/** Whether something was read beyond the end. */
export function damaged(): bool {
  return failed
}

/** Whether all bytes were read and the state is the one that the encoder began with. */
export function finished(): bool {
  return !failed && position == end && state == LOWEST
}

/** Fills the symbols and first slots of a table from its frequencies. @returns whether they add up to all slots */
export function completeTable(table: usize, symbols: u32): bool {
  let slot: u32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const entry = table + ((<usize>symbol) << 1)
    const frequency = <u32>load<u16>(entry, FREQUENCIES)
    if (frequency > SLOTS - slot) return false
    store<u16>(entry, <u16>slot, FIRST)
    memory.fill(table + slot, <u8>symbol, frequency)
    slot += frequency
  }
  store<u32>(table, symbols, COUNT)
  return slot == SLOTS
}
