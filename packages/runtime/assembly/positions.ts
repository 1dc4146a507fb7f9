/** The decoder of src/packed/positions.ts, which specifies the bytes. */
import {
  begin,
  COUNT,
  completeTable,
  damaged,
  decode,
  FREQUENCIES,
  finished,
  manyBits,
  SLOTS,
  TABLE_BYTES,
  uniform,
} from './rans'

const DENSITY_STEPS: u32 = 4096
const TAIL: u32 = (1 << 24) / 256
const LONGEST: u32 = 254
/** Bytes of the index of the table for each density, in front of the tables. */
const DENSITY_BYTES: usize = 4160

/** Makes the tables of gaps, at most 256. @returns how many bytes they take; 0 if one is wrong */
export function prepareGapTables(tables: usize): u32 {
  let table = tables + DENSITY_BYTES
  let number: u32 = 0
  let whole = true
  for (let density: u32 = 1; density < DENSITY_STEPS; ) {
    const step = max<u32>(1, min<u32>(density >> 4, (DENSITY_STEPS - density) >> 4))
    memory.fill(tables + density, <u8>number, DENSITY_STEPS + 1 - density)
    whole = gapTable(table, min<u32>(DENSITY_STEPS - 1, density + (step >> 1))) && whole
    table += TABLE_BYTES
    number++
    density += step
  }
  return whole ? <u32>(table - tables) : 0
}

/** Frequencies of geometrically distributed gaps, and of the skip. @param density of 4096 */
function gapTable(table: usize, density: u32): bool {
  let left: u32 = 1 << 24
  let symbols: u32 = 0
  let slots: u32 = 0
  let total: u32 = 0
  let mostFrequent: usize = table
  while (symbols < LONGEST && left > TAIL) {
    left -= <u32>((<u64>left * density) / DENSITY_STEPS)
    const until: u32 = (<u32>(1 << 24) - left + 2048) >> 12
    const entry = table + ((<usize>symbols) << 1)
    const frequency = until > slots + 1 ? until - slots : 1
    store<u16>(entry, <u16>frequency, FREQUENCIES)
    if (frequency > load<u16>(mostFrequent, FREQUENCIES)) mostFrequent = entry
    total += frequency
    slots = until
    symbols++
  }
  const skip = SLOTS > slots + 1 ? SLOTS - slots : 1
  const last = table + ((<usize>symbols) << 1)
  store<u16>(last, <u16>skip, FREQUENCIES)
  if (skip > load<u16>(mostFrequent, FREQUENCIES)) mostFrequent = last
  total += skip
  store<u16>(mostFrequent, <u16>(load<u16>(mostFrequent, FREQUENCIES) + SLOTS - total), FREQUENCIES)
  return completeTable(table, symbols + 1)
}

/**
 * Decodes positions to compressed rows.
 * @param starts u32[rows + 1], indices u16[capacity]: written
 * @param gapTables made by {@link prepareGapTables}; table: scratch for one frequency table
 * @returns how many there are; −1 where the bytes are damaged
 */
export function decodePositions(
  from: usize,
  length: u32,
  rows: u32,
  columns: u32,
  starts: usize,
  indices: usize,
  capacity: u32,
  gapTables: usize,
  table: usize,
): i32 {
  const end = from + length
  if (length < 6) return -1
  const weight = <i32>load<u8>(from)
  const mean = load<u32>(from, 1)
  const buckets = <u32>load<u8>(from, 5)
  const body = from + 6 + 2 * buckets
  if (weight > 4 || mean > columns || buckets > 48 || body > end) return -1
  for (let i: u32 = 0; i < buckets; i++)
    store<u16>(table + ((<usize>i) << 1), load<u16>(from + 6 + ((<usize>i) << 1)), FREQUENCIES)
  if (!completeTable(table, buckets) || !begin(body, end)) return -1
  let count = <i32>mean
  let total: u32 = 0
  for (let row: u32 = 0; row < rows; row++) {
    store<u32>(starts + ((<usize>row) << 2), total)
    const bucket = decode(table)
    let code = bucket
    if (bucket >= 4) {
      const extra = ((bucket - 4) >> 1) + 1
      code = ((2 + (bucket & 1)) << extra) + manyBits(extra)
    }
    const difference = code & 1 ? -(<i32>((code + 1) >> 1)) : <i32>(code >> 1)
    count = ((weight * count + (4 - weight) * <i32>mean) >> 2) + difference
    if (damaged() || count < 0 || <u32>count > columns || <u32>count > capacity - total) return -1
    let left = <u32>count
    let column: u32 = 0
    let to = indices + ((<usize>total) << 1)
    total += left
    while (left > 0 && left < columns - column) {
      if (left == 1) {
        column += uniform(columns - column)
        if (column >= columns) return -1
        store<u16>(to, <u16>column)
        left = 0
        break
      }
      const density = max<u32>(1, (left * DENSITY_STEPS) / (columns - column))
      const current = gapTables + DENSITY_BYTES + <usize>load<u8>(gapTables + density) * TABLE_BYTES
      const gap = decode(current)
      column += gap
      if (gap == load<u32>(current, COUNT) - 1) {
        if (damaged() || column > columns) return -1
        continue
      }
      if (damaged() || column >= columns) return -1
      store<u16>(to, <u16>column)
      to += 2
      column++
      left--
    }
    if (damaged() || left > columns - column) return -1
    for (; left > 0; left--) {
      store<u16>(to, <u16>column)
      to += 2
      column++
    }
  }
  store<u32>(starts + ((<usize>rows) << 2), total)
  return finished() ? <i32>total : -1
}
