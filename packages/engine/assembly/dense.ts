/**
 * Products of dense matrices. The right operand is laid out in panels first, [columns / 8][depth][8], filled up with
 * zeros: a weight that many rows or a loop's steps meet is laid out once.
 */
import { madd, transposed4 } from './simd'

/** Lays out b[k, j] at b + k · bRow + j · bColumn (bytes) in panels of eight columns. */
export function pack(b: usize, bRow: usize, bColumn: usize, depth: u32, columns: u32, panels: usize): void {
  for (let j: u32 = 0; j < columns; j += 8) {
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

/**
 * c[i, j] = Σ a[i, k] · b[k, j] + bias[j] for rows i in [begin, end). a[i, k] is at a + i · aRow + k · aColumn (bytes), b is
 * in panels, c has rows of `columns`.
 * @param bias one row that is added to every row of the result, or 0
 */
export function multiply(
  a: usize,
  aRow: usize,
  aColumn: usize,
  panels: usize,
  bias: usize,
  c: usize,
  begin: u32,
  end: u32,
  columns: u32,
  depth: u32,
): void {
  const cRow = (<usize>columns) << 2
  const panel = (<usize>depth) << 5
  for (let j: u32 = 0; j < columns; j += 8) {
    const width = min<u32>(8, columns - j)
    const left = (<usize>j) << 2
    const row = bias == 0 ? 0 : bias + left
    let i = begin
    for (; i + 4 <= end; i += 4) {
      let l0 = f32x4.splat(0),
        l1 = f32x4.splat(0),
        l2 = f32x4.splat(0),
        l3 = f32x4.splat(0),
        h0 = f32x4.splat(0),
        h1 = f32x4.splat(0),
        h2 = f32x4.splat(0),
        h3 = f32x4.splat(0)
      let p = a + <usize>i * aRow
      const q = p + aRow
      const shift = aRow << 1
      const gap = q - p
      for (let b = panels, stop = panels + panel; b < stop; b += 32) {
        const low = v128.load(b)
        const high = v128.load(b, 16)
        let x = v128.load32_splat(p)
        l0 = madd(x, low, l0)
        h0 = madd(x, high, h0)
        x = v128.load32_splat(p + gap)
        l1 = madd(x, low, l1)
        h1 = madd(x, high, h1)
        x = v128.load32_splat(p + shift)
        l2 = madd(x, low, l2)
        h2 = madd(x, high, h2)
        x = v128.load32_splat(p + shift + gap)
        l3 = madd(x, low, l3)
        h3 = madd(x, high, h3)
        p += aColumn
      }
      const to = c + <usize>i * cRow + left
      put(to, row, l0, h0, width)
      put(to + cRow, row, l1, h1, width)
      put(to + 2 * cRow, row, l2, h2, width)
      put(to + 3 * cRow, row, l3, h3, width)
    }
    for (; i < end; i++) {
      let low = f32x4.splat(0)
      let high = f32x4.splat(0)
      let p = a + <usize>i * aRow
      for (let b = panels, stop = panels + panel; b < stop; b += 32) {
        const x = v128.load32_splat(p)
        low = madd(x, v128.load(b), low)
        high = madd(x, v128.load(b, 16), high)
        p += aColumn
      }
      put(c + <usize>i * cRow + left, row, low, high, width)
    }
    panels += panel
  }
}
