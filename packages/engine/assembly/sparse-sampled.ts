/** The product y·xᵀ, sampled at the kept places of a sparse W, in the form that sparse.ts describes. */
import { madd, sum4, total4 } from './simd'

/**
 * dw = Σ over lanes of y[row] · x[column] at the kept places, for the rows of blocks in [begin, end). Padding has to be zero
 * in x and in y.
 */
export function sparseSampled(
  starts: usize,
  places: usize,
  dw: usize,
  height: u32,
  width: u32,
  y: usize,
  rows: u32,
  x: usize,
  columns: u32,
  panels: u32,
  begin: u32,
  end: u32,
): void {
  const size = (<usize>(height * width)) << 2
  const first = <usize>load<u32>(starts + ((<usize>begin) << 2))
  const last = <usize>load<u32>(starts + ((<usize>end) << 2))
  const to = dw + first * size
  memory.fill(to, 0, (last - first) * size)
  const from = starts + ((<usize>begin) << 2)
  places += first << 2
  y += (<usize>begin * <usize>height) << 6
  for (let p: u32 = 0; p < panels; p++) {
    if (height == 1 && width == 1) sampledSingle(from, places, to, y, x, end - begin)
    else if (height == 1 && (width & 3) == 0) sampledWide(from, places, to, width, y, x, end - begin)
    else if (height == 4 && width == 1) sampledTall(from, places, to, y, x, end - begin)
    else sampledAny(from, places, to, height, width, y, x, end - begin)
    x += (<usize>columns) << 6
    y += (<usize>rows) << 6
  }
}

/** A column's products with a row, four sums of them. */
// @inline
function products(x: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(
    madd(v128.load(x, 16), b, f32x4.mul(v128.load(x), a)),
    madd(v128.load(x, 48), d, f32x4.mul(v128.load(x, 32), c)),
  )
}

function sampledSingle(starts: usize, places: usize, w: usize, y: usize, x: usize, rows: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    const stop = w + ((<usize>(load<u32>(starts, 4) - load<u32>(starts))) << 2)
    starts += 4
    const a = v128.load(y),
      b = v128.load(y, 16),
      c = v128.load(y, 32),
      d = v128.load(y, 48)
    for (const whole = stop - 12; w < whole; w += 16) {
      const sum = v128.load(w)
      const e = products(x + <usize>load<u32>(places), a, b, c, d)
      v128.store(w, e)
      const f = products(x + <usize>load<u32>(places, 4), a, b, c, d)
      v128.store(w, f)
      const g = products(x + <usize>load<u32>(places, 8), a, b, c, d)
      v128.store(w, g)
      const h = products(x + <usize>load<u32>(places, 12), a, b, c, d)
      v128.store(w, f32x4.add(sum, total4(e, f, g, h)))
      places += 16
    }
    for (; w < stop; w += 4) {
      store<f32>(w, load<f32>(w) + sum4(products(x + <usize>load<u32>(places), a, b, c, d)))
      places += 4
    }
    y += 64
  }
}

/** Blocks of one row and a multiple of four columns. */
function sampledWide(starts: usize, places: usize, w: usize, width: u32, y: usize, x: usize, rows: u32): void {
  const size = (<usize>width) << 2
  for (let r: u32 = 0; r < rows; r++) {
    const stop = places + ((<usize>(load<u32>(starts, 4) - load<u32>(starts))) << 2)
    starts += 4
    const a = v128.load(y),
      b = v128.load(y, 16),
      c = v128.load(y, 32),
      d = v128.load(y, 48)
    for (; places < stop; places += 4) {
      let at = x + <usize>load<u32>(places)
      for (const block = w + size; w < block; w += 16) {
        const sum = v128.load(w)
        const e = products(at, a, b, c, d)
        v128.store(w, e)
        const f = products(at + 64, a, b, c, d)
        v128.store(w, f)
        const g = products(at + 128, a, b, c, d)
        v128.store(w, g)
        const h = products(at + 192, a, b, c, d)
        v128.store(w, f32x4.add(sum, total4(e, f, g, h)))
        at += 256
      }
    }
    y += 64
  }
}

/** Blocks of four rows and one column. */
function sampledTall(starts: usize, places: usize, w: usize, y: usize, x: usize, rows: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    const stop = places + ((<usize>(load<u32>(starts, 4) - load<u32>(starts))) << 2)
    starts += 4
    for (; places < stop; places += 4) {
      const at = x + <usize>load<u32>(places)
      const a = v128.load(at),
        b = v128.load(at, 16),
        c = v128.load(at, 32),
        d = v128.load(at, 48)
      const sum = v128.load(w)
      const e = products(y, a, b, c, d)
      v128.store(w, e)
      const f = products(y + 64, a, b, c, d)
      v128.store(w, f)
      const g = products(y + 128, a, b, c, d)
      v128.store(w, g)
      const h = products(y + 192, a, b, c, d)
      v128.store(w, f32x4.add(sum, total4(e, f, g, h)))
      w += 16
    }
    y += 256
  }
}

function sampledAny(
  starts: usize,
  places: usize,
  w: usize,
  height: u32,
  width: u32,
  y: usize,
  x: usize,
  rows: u32,
): void {
  for (let r: u32 = 0; r < rows; r++) {
    const stop = places + ((<usize>(load<u32>(starts, 4) - load<u32>(starts))) << 2)
    starts += 4
    for (; places < stop; places += 4)
      for (let h: u32 = 0; h < height; h++) {
        const row = y + ((<usize>h) << 6)
        let at = x + <usize>load<u32>(places)
        for (let i: u32 = 0; i < width; i++) {
          const sums = products(at, v128.load(row), v128.load(row, 16), v128.load(row, 32), v128.load(row, 48))
          store<f32>(w, load<f32>(w) + sum4(sums))
          at += 64
          w += 4
        }
      }
    y += (<usize>height) << 6
  }
}
