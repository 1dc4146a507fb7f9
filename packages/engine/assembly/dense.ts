/**
 * Products of dense matrices. The right operand is laid out in panels first, [columns / 8][depth][8], filled up with
 * zeros: a weight that many rows or a loop's steps meet is laid out once.
 */
import { madd, transposed4 } from './simd'

/** Lays out b[k, j] at b + k · bRow + j · bColumn (bytes) in panels of eight columns: panels [begin, end). */
export function pack(
  b: usize,
  bRow: usize,
  bColumn: usize,
  depth: u32,
  columns: u32,
  panels: usize,
  begin: u32,
  end: u32,
): void {
  panels += (<usize>begin * <usize>depth) << 5
  const last = min<u32>(columns, end << 3)
  for (let j = begin << 3; j < last; j += 8) {
    const width = min<u32>(8, columns - j)
    let from = b + <usize>j * bColumn
    if (bColumn == 4 && width == 8) {
      for (let k: u32 = 0; k < depth; k++) {
        v128.store(panels, v128.load(from))
        v128.store(panels, v128.load(from, 16), 16)
        from += bRow
        panels += 32
      }
      continue
    }
    if (bRow == 4 && width == 8 && (depth & 3) == 0) {
      packColumns(from, bColumn, depth, panels)
      packColumns(from + 4 * bColumn, bColumn, depth, panels + 16)
      panels += (<usize>depth) << 5
      continue
    }
    for (let i: u32 = 0; i < width; i++) {
      let at = from + <usize>i * bColumn
      let to = panels + ((<usize>i) << 2)
      for (let k: u32 = 0; k < depth; k++) {
        store<f32>(to, load<f32>(at))
        at += bRow
        to += 32
      }
    }
    for (let i: u32 = width; i < 8; i++)
      for (let k: u32 = 0; k < depth; k++) store<f32>(panels + ((<usize>k) << 5) + ((<usize>i) << 2), 0)
    panels += (<usize>depth) << 5
  }
}

/** Lays out four columns, each of which lies in one piece: four of their numbers at once. */
function packColumns(from: usize, bColumn: usize, depth: u32, to: usize): void {
  for (const end = to + ((<usize>depth) << 5); to < end; to += 128) {
    transposed4(
      v128.load(from),
      v128.load(from + bColumn),
      v128.load(from + 2 * bColumn),
      v128.load(from + 3 * bColumn),
      to,
      32,
    )
    from += 16
  }
}

/** Stores eight sums, or the first `width` of them, added to what `bias` has there (0: to nothing). */
// @inline
function put(c: usize, bias: usize, low: v128, high: v128, width: u32): void {
  if (width == 8) {
    v128.store(c, bias == 0 ? low : f32x4.add(low, v128.load(bias)))
    v128.store(c, bias == 0 ? high : f32x4.add(high, v128.load(bias, 16)), 16)
  } else putSome(c, bias, low, high, width)
}

function putSome(c: usize, bias: usize, low: v128, high: v128, width: u32): void {
  for (let i: u32 = 0; i < width; i++) {
    const at = (<usize>i) << 2
    const value = f32x4.extract_lane(low, 0)
    store<f32>(c + at, bias == 0 ? value : value + load<f32>(bias + at))
    if (i == 3) low = high
    else low = i8x16.shuffle(low, low, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15)
  }
}

/** Rows and depth of the piece of the left operand that is laid out at a time: it fits into the second cache. */
const ROWS: u32 = 64
const DEPTH: u32 = 256

/** 64 KiB that are this thread's own. */
let scratch: usize = 0
export function useScratch(pointer: usize): void {
  scratch = pointer
}
// @inline
export function ownScratch(): usize {
  return scratch
}

/** Lays out four rows of the left operand: [depth][4]; rows from `count` on are 0. */
function packRows(a: usize, aRow: usize, aColumn: usize, count: u32, depth: u32, to: usize): void {
  const end = to + ((<usize>depth) << 4)
  if (count == 4 && aRow == 4)
    for (; to < end; to += 16) {
      v128.store(to, v128.load(a))
      a += aColumn
    }
  else if (count == 4 && aColumn == 4)
    for (const whole = end - 48; to < whole; to += 64) {
      transposed4(v128.load(a), v128.load(a + aRow), v128.load(a + 2 * aRow), v128.load(a + 3 * aRow), to, 16)
      a += 16
    }
  for (; to < end; to += 16) {
    for (let i: u32 = 0; i < 4; i++) store<f32>(to + ((<usize>i) << 2), i < count ? load<f32>(a + <usize>i * aRow) : 0)
    a += aColumn
  }
}

/**
 * c[i, j] = Σ a[i, k] · b[k, j] + bias[j]. a[i, k] is at a + i · aRow + k · aColumn (bytes), b is in panels, c has rows of
 * `columns`. Units are the panels, for each 64 rows anew; sums do not depend on the range that is computed.
 * @param bias one row that is added to every row of the result, or 0
 */
export function multiply(
  a: usize,
  aRow: usize,
  aColumn: usize,
  panels: usize,
  bias: usize,
  c: usize,
  rows: u32,
  columns: u32,
  depth: u32,
  begin: u32,
  end: u32,
): void {
  if (begin >= end) return
  const across = (columns + 7) >> 3
  const first = begin / across
  const last = (end - 1) / across
  for (let k: u32 = 0; k == 0 || k < depth; k += DEPTH) {
    const piece = min<u32>(DEPTH, depth - k)
    for (let block = first; block <= last; block++) {
      const i = block * ROWS
      const height = min<u32>(ROWS, rows - i)
      packPiece(a + <usize>i * aRow + <usize>k * aColumn, aRow, aColumn, height, piece)
      const to = c + ((<usize>i * <usize>columns) << 2)
      const stop = block == last ? end - last * across : across
      for (let panel = block == first ? begin - first * across : 0; panel < stop; panel++) {
        const left = (<usize>panel) << 5
        multiplyPiece(
          panels + left * <usize>depth + ((<usize>k) << 5),
          piece,
          height,
          to + left,
          (<usize>columns) << 2,
          min<u32>(8, columns - (panel << 3)),
          bias == 0 ? 0 : bias + left,
          k > 0,
        )
      }
    }
  }
}

/**
 * Products of arrays of matrices. Units are the products.
 * @param aStep bytes between the left operands; bStep between the right ones, panelStep between their panels
 */
export function multiplyEach(
  a: usize,
  aStep: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bStep: usize,
  bRow: usize,
  bColumn: usize,
  panels: usize,
  panelStep: usize,
  c: usize,
  rows: u32,
  columns: u32,
  depth: u32,
  begin: u32,
  end: u32,
): void {
  const across = (columns + 7) >> 3
  const down = (rows + ROWS - 1) / ROWS
  for (let n = begin; n < end; n++) {
    const own = panels + <usize>n * panelStep
    const to = c + ((<usize>n * <usize>(rows * columns)) << 2)
    pack(b + <usize>n * bStep, bRow, bColumn, depth, columns, own, 0, across)
    multiply(a + <usize>n * aStep, aRow, aColumn, own, 0, to, rows, columns, depth, 0, across * down)
  }
}

/** Lays out a piece of the left operand in scratch. */
function packPiece(a: usize, aRow: usize, aColumn: usize, rows: u32, depth: u32): void {
  for (let r: u32 = 0; r < rows; r += 4)
    packRows(a + <usize>r * aRow, aRow, aColumn, min<u32>(4, rows - r), depth, scratch + ((<usize>(r * depth)) << 2))
}

/** Rows that are laid out in scratch, times one panel. @param more whether the result is added to what c has */
// @inline
function multiplyPiece(
  panel: usize,
  depth: u32,
  rows: u32,
  c: usize,
  cRow: usize,
  width: u32,
  bias: usize,
  more: bool,
): void {
  const stop = panel + ((<usize>depth) << 5)
  let p = scratch
  for (let r: u32 = 0; r < rows; r += 4) {
    let l0 = f32x4.splat(0),
      l1 = f32x4.splat(0),
      l2 = f32x4.splat(0),
      l3 = f32x4.splat(0),
      h0 = f32x4.splat(0),
      h1 = f32x4.splat(0),
      h2 = f32x4.splat(0),
      h3 = f32x4.splat(0)
    for (let b = panel; b < stop; b += 32) {
      const low = v128.load(b)
      const high = v128.load(b, 16)
      let x = v128.load32_splat(p)
      l0 = madd(x, low, l0)
      h0 = madd(x, high, h0)
      x = v128.load32_splat(p, 4)
      l1 = madd(x, low, l1)
      h1 = madd(x, high, h1)
      x = v128.load32_splat(p, 8)
      l2 = madd(x, low, l2)
      h2 = madd(x, high, h2)
      x = v128.load32_splat(p, 12)
      l3 = madd(x, low, l3)
      h3 = madd(x, high, h3)
      p += 16
    }
    const left = rows - r
    put(c, more ? c : bias, l0, h0, width)
    if (left > 1) put(c + cRow, more ? c + cRow : bias, l1, h1, width)
    if (left > 2) put(c + 2 * cRow, more ? c + 2 * cRow : bias, l2, h2, width)
    if (left > 3) put(c + 3 * cRow, more ? c + 3 * cRow : bias, l3, h3, width)
    c += cRow << 2
  }
}
