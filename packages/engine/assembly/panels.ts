/**
 * Panels: arrays whose rows lie as lanes, [panel][column][16 lanes]. Lanes from the number of rows on are padding: it is
 * zero after `toPanels`, and may be anything after what is computed number by number.
 */
import { transposed4 } from './simd'

/** Lanes of a panel: a column of it has 64 bytes. */
const LANES: u32 = 16
/** Columns that are laid out for all lanes before the next: they stay in the first cache. */
const BLOCK: u32 = 128

/**
 * Lays out rows as panels.
 * Units are panels.
 * @param row bytes from one row to the next; @param count rows
 */
export function toPanels(from: usize, row: usize, count: u32, columns: u32, to: usize, begin: u32, end: u32): void {
  for (let p = begin; p < end; p++) {
    const rows = min<u32>(LANES, count - p * LANES)
    const first = from + <usize>(p * LANES) * row
    const panel = to + ((<usize>p * <usize>columns) << 6)
    for (let c: u32 = 0; c < columns; c += BLOCK) {
      const width = min<u32>(BLOCK, columns - c)
      for (let n: u32 = 0; n < LANES; n += 4) {
        const at = first + <usize>n * row + ((<usize>c) << 2)
        const out = panel + ((<usize>c) << 6) + ((<usize>n) << 2)
        if (n + 4 <= rows) fourRowsToLanes(at, row, width, out)
        else fewRowsToLanes(at, row, width, out, n < rows ? rows - n : 0)
      }
    }
  }
}

function fourRowsToLanes(from: usize, row: usize, columns: u32, to: usize): void {
  let c: u32 = 0
  for (; c + 4 <= columns; c += 4) {
    transposed4(v128.load(from), v128.load(from + row), v128.load(from + 2 * row), v128.load(from + 3 * row), to, 64)
    from += 16
    to += 256
  }
  for (; c < columns; c++) {
    for (let i: usize = 0; i < 4; i++) store<f32>(to + (i << 2), load<f32>(from + i * row))
    from += 4
    to += 64
  }
}

/** Fewer than four rows, filled up with zeros. */
function fewRowsToLanes(from: usize, row: usize, columns: u32, to: usize, rows: u32): void {
  for (let c: u32 = 0; c < columns; c++) {
    for (let i: u32 = 0; i < 4; i++) store<f32>(to + ((<usize>i) << 2), i < rows ? load<f32>(from + <usize>i * row) : 0)
    from += 4
    to += 64
  }
}

/** Lays out panels as rows: the reverse. */
export function fromPanels(from: usize, columns: u32, to: usize, row: usize, count: u32, begin: u32, end: u32): void {
  for (let p = begin; p < end; p++) {
    const rows = min<u32>(LANES, count - p * LANES)
    const panel = from + ((<usize>p * <usize>columns) << 6)
    const first = to + <usize>(p * LANES) * row
    for (let c: u32 = 0; c < columns; c += BLOCK) {
      const width = min<u32>(BLOCK, columns - c)
      for (let n: u32 = 0; n < rows; n += 4) {
        const at = panel + ((<usize>c) << 6) + ((<usize>n) << 2)
        const out = first + <usize>n * row + ((<usize>c) << 2)
        if (n + 4 <= rows) fourLanesToRows(at, width, out, row)
        else fewLanesToRows(at, width, out, row, rows - n)
      }
    }
  }
}

function fourLanesToRows(from: usize, columns: u32, to: usize, row: usize): void {
  let c: u32 = 0
  for (; c + 4 <= columns; c += 4) {
    transposed4(v128.load(from), v128.load(from, 64), v128.load(from, 128), v128.load(from, 192), to, row)
    from += 256
    to += 16
  }
  if (c < columns) fewLanesToRows(from, columns - c, to, row, 4)
}

function fewLanesToRows(from: usize, columns: u32, to: usize, row: usize, rows: u32): void {
  for (let c: u32 = 0; c < columns; c++) {
    for (let i: u32 = 0; i < rows; i++) store<f32>(to + <usize>i * row, load<f32>(from + ((<usize>i) << 2)))
    from += 64
    to += 4
  }
}

/** Sets padding to zero, for whoever sums over lanes. */
export function clearPadding(panels: usize, columns: u32, count: u32): void {
  const rest = count & 15
  if (rest == 0) return
  const from = panels + ((<usize>(count >> 4) * <usize>columns) << 6)
  for (let c: u32 = 0; c < columns; c++)
    memory.fill(from + ((<usize>c) << 6) + ((<usize>rest) << 2), 0, 64 - ((<usize>rest) << 2))
}
