/**
 * Reading a packed file: checksums, values and positions, as src/packed/checksum.ts, values.ts and positions.ts read them
 * (those say what the bytes are). Nothing is read beyond what is given; −1 or false where the bytes are damaged.
 */

const SLOT_BITS: u32 = 12
const SLOTS: u32 = 1 << SLOT_BITS
const LOWEST: u32 = 1 << 23

/** A model in memory: u8[4096] symbols, then u16[256] shares, then u16[256] first slots, then u32 symbols there are. */
const SHARES: usize = 4096
const FIRST: usize = SHARES + 512
const COUNT: usize = FIRST + 512
const MODEL_BYTES: usize = COUNT + 64

// The coder.
let state: u32 = 0
let at: usize = 0
let stop: usize = 0
let damaged: bool = false

/** @param end of the bytes that the coder may read */
function begin(from: usize, end: usize): bool {
  damaged = false
  at = from + 4
  stop = end
  if (end < at) return false
  state = load<u32>(from)
  return state >= LOWEST && state < 0x80000000
}

// @ts-ignore: decorator
@inline
function advance(share: u32, offset: u32): void {
  let next = share * (state >> SLOT_BITS) + offset
  while (next < LOWEST) {
    if (at >= stop) {
      damaged = true
      next = LOWEST
      break
    }
    next = (next << 8) | load<u8>(at++)
  }
  state = next
}

// @ts-ignore: decorator
@inline
function decode(model: usize): u32 {
  const slot = state & (SLOTS - 1)
  const symbol = <u32>load<u8>(model + slot)
  const place = model + (<usize>symbol << 1)
  advance(load<u16>(place, SHARES), slot - load<u16>(place, FIRST))
  return symbol
}

/** A number of so many bits, 12 at most. */
function bits(count: u32): u32 {
  const slot = state & (SLOTS - 1)
  const shift = SLOT_BITS - count
  advance(1 << shift, slot & ((1 << shift) - 1))
  return slot >> shift
}

function manyBits(count: u32): u32 {
  const low = min<u32>(count, 12)
  const value = bits(low)
  return count > low ? value + (bits(count - low) << low) : value
}

/** One of so many numbers, all alike. */
function uniform(among: u32): u32 {
  const length: u32 = 31 - clz(among)
  const short = (<u32>2 << length) - among
  const value = manyBits(length)
  return value < short ? value : 2 * value + bits(1) - short
}

const finished = (): bool => !damaged && at == stop && state == LOWEST

/** Fills a model's symbols and first slots from its shares. @returns whether they make up all slots */
function complete(model: usize, symbols: u32): bool {
  let slot: u32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const place = model + (<usize>symbol << 1)
    const share = <u32>load<u16>(place, SHARES)
    if (share > SLOTS - slot) return false
    store<u16>(place, <u16>slot, FIRST)
    memory.fill(model + slot, <u8>symbol, share)
    slot += share
  }
  store<u32>(model, symbols, COUNT)
  return slot == SLOTS
}

/** @param tables u32[8][256], as checksum.ts makes them */
export function checksum(from: usize, length: u32, tables: usize): u32 {
  let crc: u32 = 0xffffffff
  const end = from + length
  for (; from + 8 <= end; from += 8) {
    const low = crc ^ load<u32>(from)
    const high = load<u32>(from, 4)
    crc =
      load<u32>(tables + ((low & 255) << 2), 7 * 1024) ^
      load<u32>(tables + (((low >> 8) & 255) << 2), 6 * 1024) ^
      load<u32>(tables + (((low >> 16) & 255) << 2), 5 * 1024) ^
      load<u32>(tables + ((low >> 24) << 2), 4 * 1024) ^
      load<u32>(tables + ((high & 255) << 2), 3 * 1024) ^
      load<u32>(tables + (((high >> 8) & 255) << 2), 2 * 1024) ^
      load<u32>(tables + (((high >> 16) & 255) << 2), 1024) ^
      load<u32>(tables + ((high >> 24) << 2))
  }
  for (; from < end; from++) crc = load<u32>(tables + (((crc ^ load<u8>(from)) & 255) << 2)) ^ (crc >> 8)
  return ~crc
}

/**
 * Values of a tensor.
 * @param out `count` numbers of `size` bytes @param model room for one model
 */
export function decodeValues(from: usize, length: u32, out: usize, count: u32, size: u32, model: usize): bool {
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
      store<u16>(model + (<usize>symbol << 1), present ? load<u16>(rest) : 0, SHARES)
      if (present) rest += 2
    }
    if (rest + 4 > end || !complete(model, 256)) return false
    const coded = load<u32>(rest)
    rest += 4
    if (<usize>coded > end - rest || !begin(rest, rest + coded)) return false
    for (let to = out + step - 1; to < last; to += step) store<u8>(to, <u8>decode(model))
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

const PARTS: u32 = 4096
const TAIL: u32 = (1 << 24) / 256
const LONGEST: u32 = 254
/** Room for the table of densities, in front of the models. */
const DENSITIES: usize = 4160

/** Makes the models of gaps. @returns the bytes that they take: the memory has to hold 256 models; 0 if one is none */
export function prepareGaps(gaps: usize): u32 {
  let model = gaps + DENSITIES
  let number: u32 = 0
  let whole = true
  for (let density: u32 = 1; density < PARTS; ) {
    const step = max<u32>(1, min<u32>(density >> 4, (PARTS - density) >> 4))
    memory.fill(gaps + density, <u8>number, PARTS + 1 - density)
    whole = gapModel(model, min<u32>(PARTS - 1, density + (step >> 1))) && whole
    model += MODEL_BYTES
    number++
    density += step
  }
  return whole ? <u32>(model - gaps) : 0
}

function gapModel(model: usize, density: u32): bool {
  let left: u32 = 1 << 24
  let symbols: u32 = 0
  let slots: u32 = 0
  let total: u32 = 0
  let commonest: usize = model
  while (symbols < LONGEST && left > TAIL) {
    left -= <u32>((<u64>left * density) / PARTS)
    const until: u32 = (<u32>(1 << 24) - left + 2048) >> 12
    const place = model + (<usize>symbols << 1)
    const share = until > slots + 1 ? until - slots : 1
    store<u16>(place, <u16>share, SHARES)
    if (share > load<u16>(commonest, SHARES)) commonest = place
    total += share
    slots = until
    symbols++
  }
  const skip = SLOTS > slots + 1 ? SLOTS - slots : 1
  const last = model + (<usize>symbols << 1)
  store<u16>(last, <u16>skip, SHARES)
  if (skip > load<u16>(commonest, SHARES)) commonest = last
  total += skip
  store<u16>(commonest, <u16>(load<u16>(commonest, SHARES) + SLOTS - total), SHARES)
  return complete(model, symbols + 1)
}

/**
 * Positions as compressed rows.
 * @param starts u32[rows + 1], indices u16[most]: written
 * @param gaps as {@link prepareGaps} made them; model: room for one
 * @returns how many there are, or −1
 */
export function decodePositions(
  from: usize, length: u32, rows: u32, columns: u32, starts: usize, indices: usize, most: u32, gaps: usize,
  model: usize,
): i32 {
  const end = from + length
  if (length < 6) return -1
  const weight = <i32>load<u8>(from)
  const mean = load<u32>(from, 1)
  const buckets = <u32>load<u8>(from, 5)
  const body = from + 6 + 2 * buckets
  if (weight > 4 || mean > columns || buckets > 48 || body > end) return -1
  for (let i: u32 = 0; i < buckets; i++)
    store<u16>(model + (<usize>i << 1), load<u16>(from + 6 + (<usize>i << 1)), SHARES)
  if (!complete(model, buckets) || !begin(body, end)) return -1
  let count = <i32>mean
  let total: u32 = 0
  for (let row: u32 = 0; row < rows; row++) {
    store<u32>(starts + (<usize>row << 2), total)
    const bucket = decode(model)
    let code = bucket
    if (bucket >= 4) {
      const extra = ((bucket - 4) >> 1) + 1
      code = ((2 + (bucket & 1)) << extra) + manyBits(extra)
    }
    const difference = code & 1 ? -<i32>((code + 1) >> 1) : <i32>(code >> 1)
    count = ((weight * count + (4 - weight) * <i32>mean) >> 2) + difference
    if (damaged || count < 0 || <u32>count > columns || <u32>count > most - total) return -1
    let left = <u32>count
    let column: u32 = 0
    let to = indices + (<usize>total << 1)
    total += left
    while (left > 0 && left < columns - column) {
      if (left == 1) {
        column += uniform(columns - column)
        if (column >= columns) return -1
        store<u16>(to, <u16>column)
        left = 0
        break
      }
      const density = max<u32>(1, (left * PARTS) / (columns - column))
      const gapTable = gaps + DENSITIES + <usize>load<u8>(gaps + density) * MODEL_BYTES
      const gap = decode(gapTable)
      column += gap
      if (gap == load<u32>(gapTable, COUNT) - 1) {
        if (damaged || column > columns) return -1
        continue
      }
      if (damaged || column >= columns) return -1
      store<u16>(to, <u16>column)
      to += 2
      column++
      left--
    }
    if (damaged || left > columns - column) return -1
    for (; left > 0; left--) {
      store<u16>(to, <u16>column)
      to += 2
      column++
    }
  }
  store<u32>(starts + (<usize>rows << 2), total)
  return finished() ? <i32>total : -1
}

/** Whether no float is infinite or not a number. */
export function allFinite(from: usize, count: u32): bool {
  for (const end = from + (<usize>count << 2); from < end; from += 4)
    if ((load<u32>(from) & 0x7f800000) == 0x7f800000) return false
  return true
}

/**
 * Puts rows of equally many blocks next to each other, within each `window` of them: see product.ts.
 * @param order u32[rows], which row each became: written; starts, indices and values (`size` bytes a block) are reordered
 * @param columns blocks that a row can have
 * @param room what the blocks of a window take, with their indices, and 4 bytes for each of its rows and each block that
 *   a row can have, and 64 more
 */
export function sortRows(
  starts: usize, order: usize, indices: usize, values: usize, size: u32, rows: u32, window: u32, columns: u32, room: usize,
): void {
  const places = room
  const was = places + (<usize>(columns + 2) << 2)
  const codes = (was + (<usize>(window + 1) << 2) + 15) & ~15
  for (let from: u32 = 0; from < rows; from += window) {
    const count = min<u32>(window, rows - from)
    const at = starts + (<usize>from << 2)
    const first = load<u32>(at)
    const total = load<u32>(at + (<usize>count << 2)) - first
    const index = codes + <usize>total * size
    memory.copy(was, at, <usize>(count + 1) << 2)
    memory.copy(codes, values + <usize>first * size, <usize>total * size)
    memory.copy(index, indices + (<usize>first << 1), <usize>total << 1)
    // How many rows are shorter than each length: where those of that length begin.
    memory.fill(places, 0, <usize>(columns + 2) << 2)
    for (let r: u32 = 0; r < count; r++) {
      const place = places + (<usize>blocksOf(was, r) << 2)
      store<u32>(place, load<u32>(place, 4) + 1, 4)
    }
    for (let n: u32 = 0; n <= columns; n++) {
      const place = places + (<usize>n << 2)
      store<u32>(place, load<u32>(place) + load<u32>(place, 4), 4)
    }
    for (let r: u32 = 0; r < count; r++) {
      const place = places + (<usize>blocksOf(was, r) << 2)
      store<u32>(order + (<usize>(from + load<u32>(place)) << 2), r)
      store<u32>(place, load<u32>(place) + 1)
    }
    let next = first
    for (let i: u32 = 0; i < count; i++) {
      const to = order + (<usize>(from + i) << 2)
      const r = load<u32>(to)
      const blocks = blocksOf(was, r)
      const old = load<u32>(was + (<usize>r << 2)) - first
      store<u32>(to, from + r)
      store<u32>(at + (<usize>i << 2), next)
      memory.copy(values + <usize>next * size, codes + <usize>old * size, <usize>blocks * size)
      memory.copy(indices + (<usize>next << 1), index + (<usize>old << 1), <usize>blocks << 1)
      next += blocks
    }
  }
}

// @ts-ignore: decorator
@inline
function blocksOf(starts: usize, row: u32): u32 {
  return load<u32>(starts + (<usize>row << 2), 4) - load<u32>(starts + (<usize>row << 2))
}
