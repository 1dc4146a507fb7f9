/** Wᵀ·y of a sparse W, in the form that sparse.ts describes. */
import { madd } from './simd'

/** x = Wᵀ·y: the panel of x stays in the cache while y passes by. */
export function sparseTransposed(
  starts: usize,
  places: usize,
  values: usize,
  height: u32,
  width: u32,
  y: usize,
  rows: u32,
  x: usize,
  columns: u32,
  begin: u32,
  end: u32,
): void {
  const xPanel = (<usize>columns) << 6
  const yPanel = (<usize>rows) << 6
  for (let p = begin; p < end; p++) {
    const to = x + <usize>p * xPanel
    const from = y + <usize>p * yPanel
    memory.fill(to, 0, xPanel)
    if (height == 4 && width == 1) transposedTall(starts, places, values, from, rows, to)
    else if (height == 1 && width == 1) transposedSingle(starts, places, values, from, rows, to)
    else transposedWide(starts, places, values, height, width, from, rows, to)
  }
}

/** Blocks of one weight. */
function transposedSingle(starts: usize, places: usize, values: usize, y: usize, rows: u32, x: usize): void {
  let w = values
  let place = places
  for (let r: u32 = 0; r < rows; r++) {
    const stop = place + ((<usize>(load<u32>(starts, 4) - load<u32>(starts))) << 2)
    starts += 4
    const a = v128.load(y),
      b = v128.load(y, 16),
      c = v128.load(y, 32),
      d = v128.load(y, 48)
    for (const whole = stop - 12; place < whole; place += 16) {
      addScaled(w, a, b, c, d, x + <usize>load<u32>(place))
      addScaled(w + 4, a, b, c, d, x + <usize>load<u32>(place, 4))
      addScaled(w + 8, a, b, c, d, x + <usize>load<u32>(place, 8))
      addScaled(w + 12, a, b, c, d, x + <usize>load<u32>(place, 12))
      w += 16
    }
    for (; place < stop; place += 4) {
      addScaled(w, a, b, c, d, x + <usize>load<u32>(place))
      w += 4
    }
    y += 64
  }
}

/** Blocks of any size. */
function transposedWide(
  starts: usize,
  places: usize,
  values: usize,
  height: u32,
  width: u32,
  y: usize,
  rows: u32,
  x: usize,
): void {
  let w = values
  let place = places
  for (let r: u32 = 0; r < rows; r += height) {
    const count = load<u32>(starts, 4) - load<u32>(starts)
    starts += 4
    const stop = place + ((<usize>count) << 2)
    if (height == 1) {
      const a = v128.load(y),
        b = v128.load(y, 16),
        c = v128.load(y, 32),
        d = v128.load(y, 48)
      for (; place < stop; place += 4) {
        let at = x + <usize>load<u32>(place)
        for (let i: u32 = 0; i < width; i++) {
          addScaled(w, a, b, c, d, at)
          at += 64
          w += 4
        }
      }
    } else
      for (; place < stop; place += 4)
        for (let h: u32 = 0; h < height; h++) {
          const row = y + ((<usize>h) << 6)
          let at = x + <usize>load<u32>(place)
          for (let i: u32 = 0; i < width; i++) {
            addScaled(w, v128.load(row), v128.load(row, 16), v128.load(row, 32), v128.load(row, 48), at)
            at += 64
            w += 4
          }
        }
    y += (<usize>height) << 6
  }
}

/** Adds a row times a weight to what is there. */
// @inline
function addScaled(w: usize, a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const weight = v128.load32_splat(w)
  v128.store(to, madd(weight, a, v128.load(to)))
  v128.store(to, madd(weight, b, v128.load(to, 16)), 16)
  v128.store(to, madd(weight, c, v128.load(to, 32)), 32)
  v128.store(to, madd(weight, d, v128.load(to, 48)), 48)
}

/** Blocks of four rows and one column. */
function transposedTall(starts: usize, places: usize, values: usize, y: usize, rows: u32, x: usize): void {
  let w = values
  let place = places
  for (let r: u32 = 0; r < rows; r += 4) {
    const count = load<u32>(starts, 4) - load<u32>(starts)
    starts += 4
    for (const stop = place + ((<usize>count) << 2); place < stop; place += 4) {
      const to = x + <usize>load<u32>(place)
      const a = v128.load32_splat(w),
        b = v128.load32_splat(w, 4),
        c = v128.load32_splat(w, 8),
        d = v128.load32_splat(w, 12)
      for (let n: usize = 0; n < 64; n += 16) {
        const from = y + n
        let sum = madd(a, v128.load(from), v128.load(to + n))
        sum = madd(b, v128.load(from, 64), sum)
        sum = madd(c, v128.load(from, 128), sum)
        v128.store(to + n, madd(d, v128.load(from, 192), sum))
      }
      w += 16
    }
    y += 256
  }
}
