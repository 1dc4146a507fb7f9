/** The decoder of src/packed/values.ts, which specifies the bytes. */
import { begin, completeTable, decode, FREQUENCIES, finished } from './rans'

/**
 * Decodes the values of a tensor.
 * @param out `count` numbers of `size` bytes: written
 * @param table scratch for one frequency table
 * @returns false where the bytes are damaged
 */
export function decodeValues(from: usize, length: u32, out: usize, count: u32, size: u32, table: usize): bool {
  const end = from + length
  if (length == 0) return false
  const step = <usize>size
  const last = out + <usize>count * step
  let rest = from + 1
  if (load<u8>(from) == 0) {
    if (length != 1 + count * size) return false
    for (let to = out + step - 1; to < last; to += step) store<u8>(to, load<u8>(rest++))
  } else if (load<u8>(from) == 1) {
    rest = from + 33
    if (rest > end) return false
    for (let symbol: u32 = 0; symbol < 256; symbol++) {
      const present = (<u32>load<u8>(from + 1 + (symbol >> 3)) >> (symbol & 7)) & 1
      if (present && rest + 2 > end) return false
      store<u16>(table + ((<usize>symbol) << 1), present ? load<u16>(rest) : 0, FREQUENCIES)
      if (present) rest += 2
    }
    if (rest + 4 > end || !completeTable(table, 256)) return false
    const coded = load<u32>(rest)
    rest += 4
    if (<usize>coded > end - rest || !begin(rest, rest + coded)) return false
    for (let to = out + step - 1; to < last; to += step) store<u8>(to, <u8>decode(table))
    if (!finished()) return false
    rest += coded
  } else return false
  if (end - rest != <usize>count * (step - 1)) return false
  if (size == 4)
    for (let to = out; to < last; to += 4) {
      store<u16>(to, load<u16>(rest))
      store<u8>(to, load<u8>(rest, 2), 2)
      rest += 3
    }
  else if (size == 2) for (let to = out; to < last; to += 2) store<u8>(to, load<u8>(rest++))
  return true
}

/** The index of the first float that is infinite or NaN; `count` if there is none. */
export function firstNotFinite(from: usize, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) if ((load<u32>(from + ((<usize>i) << 2)) & 0x7f800000) == 0x7f800000) return i
  return count
}
