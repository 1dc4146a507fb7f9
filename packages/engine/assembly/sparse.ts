/**
 * Products of a sparse matrix W [rows, columns] in compressed rows of blocks, `height` × `width` each. Arrays of
 * activations are in panels (panels.ts): x [panel][columns][16], y [panel][rows][16].
 *
 * `starts` has the first block of each row of blocks and the end; `places` the first column of each block as a distance in
 * bytes, 64 a column (u32); `values` the blocks' numbers. Panels, or rows of blocks in the sampled product, may be divided:
 * no number depends on how.
 *
 * V8 before version 13 moves all loads of a basic block to its beginning and keeps them on the stack when there are more
 * than registers. Conditions that never hold (a pointer is no small odd number; each is another, for V8 joins those that are
 * alike) and stores that are overwritten end the blocks early.
 */
import { madd, sum4, total4 } from './simd'

/** y = W·x + bias. @param bias a number for each row, or 0 */
export function sparseForward(
  starts: usize,
  places: usize,
  values: usize,
  height: u32,
  width: u32,
  x: usize,
  columns: u32,
  bias: usize,
  y: usize,
  rows: u32,
  begin: u32,
  end: u32,
): void {
  const xPanel = (<usize>columns) << 6
  const yPanel = (<usize>rows) << 6
  x += <usize>begin * xPanel
  y += <usize>begin * yPanel
  const single = height == 1 && width == 1
  for (let p = begin; p < end; p++) {
    if (single) forwardSingle(starts, places, values, x, bias, y, rows)
    else if (height == 4 && width == 1) forwardTall(starts, places, values, x, bias, y, rows)
    else if (height == 1 && width == 8) forwardEight(starts, places, values, x, bias, y, rows)
    else if (height == 1 && width == 4) forwardFour(starts, places, values, x, bias, y, rows)
    else forwardAny(starts, places, values, height, width, x, bias, y, rows)
    x += xPanel
    y += yPanel
  }
}

// @inline
function biasAt(bias: usize, row: u32): v128 {
  return bias == 0 ? f32x4.splat(0) : v128.load32_splat(bias + ((<usize>row) << 2))
}

/** Blocks of one weight; two sums of a lane in turns, so that none waits for the one before. */
function forwardSingle(starts: usize, places: usize, values: usize, x: usize, bias: usize, y: usize, rows: u32): void {
  let w = values
  let place = places
  for (let r: u32 = 0; r < rows; r++) {
    const stop = values + ((<usize>load<u32>(starts + ((<usize>r) << 2), 4)) << 2)
    let a = biasAt(bias, r),
      b = a,
      c = a,
      d = a,
      e = f32x4.splat(0),
      f = e,
      g = e,
      h = e
    for (const pairs = stop - 4; w < pairs; w += 8) {
      let at = x + <usize>load<u32>(place)
      let weight = v128.load32_splat(w)
      a = madd(weight, v128.load(at), a)
      b = madd(weight, v128.load(at, 16), b)
      c = madd(weight, v128.load(at, 32), c)
      d = madd(weight, v128.load(at, 48), d)
      if (w == 1) break
      at = x + <usize>load<u32>(place, 4)
      weight = v128.load32_splat(w, 4)
      e = madd(weight, v128.load(at), e)
      f = madd(weight, v128.load(at, 16), f)
      g = madd(weight, v128.load(at, 32), g)
      h = madd(weight, v128.load(at, 48), h)
      place += 8
    }
    if (w < stop) {
      const at = x + <usize>load<u32>(place)
      const weight = v128.load32_splat(w)
      a = madd(weight, v128.load(at), a)
      b = madd(weight, v128.load(at, 16), b)
      c = madd(weight, v128.load(at, 32), c)
      d = madd(weight, v128.load(at, 48), d)
      place += 4
      w += 4
    }
    v128.store(y, f32x4.add(a, e))
    v128.store(y, f32x4.add(b, f), 16)
    v128.store(y, f32x4.add(c, g), 32)
    v128.store(y, f32x4.add(d, h), 48)
    y += 64
  }
}

/** Blocks of four rows and one column: eight lanes of the four rows at once. */
function forwardTall(starts: usize, places: usize, values: usize, x: usize, bias: usize, y: usize, rows: u32): void {
  for (let r: u32 = 0; r < rows; r += 4) {
    const row = starts + <usize>r
    const first = (<usize>load<u32>(row)) << 4
    const last = values + ((<usize>load<u32>(row, 4)) << 4)
    for (let half: usize = 0; half < 64; half += 32) {
      let a = biasAt(bias, r),
        b = a,
        c = biasAt(bias, r + 1),
        d = c,
        e = biasAt(bias, r + 2),
        f = e,
        g = biasAt(bias, r + 3),
        h = g
      const from = x + half
      let place = places + (first >> 2)
      for (let w = values + first; w < last; w += 16) {
        const at = from + <usize>load<u32>(place)
        place += 4
        const low = v128.load(at)
        const high = v128.load(at, 16)
        let weight = v128.load32_splat(w)
        a = madd(weight, low, a)
        b = madd(weight, high, b)
        weight = v128.load32_splat(w, 4)
        c = madd(weight, low, c)
        d = madd(weight, high, d)
        weight = v128.load32_splat(w, 8)
        e = madd(weight, low, e)
        f = madd(weight, high, f)
        weight = v128.load32_splat(w, 12)
        g = madd(weight, low, g)
        h = madd(weight, high, h)
      }
      const to = y + half
      v128.store(to, a)
      v128.store(to, b, 16)
      v128.store(to, c, 64)
      v128.store(to, d, 80)
      v128.store(to, e, 128)
      v128.store(to, f, 144)
      v128.store(to, g, 192)
      v128.store(to, h, 208)
    }
    y += 256
  }
}

/** Blocks of one row and eight columns; two sums of a lane in turns, so that none waits for the one before. */
function forwardEight(starts: usize, places: usize, values: usize, x: usize, bias: usize, y: usize, rows: u32): void {
  let w = values
  let place = places
  for (let r: u32 = 0; r < rows; r++) {
    const stop = values + ((<usize>load<u32>(starts + ((<usize>r) << 2), 4)) << 5)
    let a = biasAt(bias, r),
      b = a,
      c = a,
      d = a,
      e = f32x4.splat(0),
      f = e,
      g = e,
      h = e
    for (; w < stop; w += 32) {
      const at = x + <usize>load<u32>(place)
      place += 4
      let weight = v128.load32_splat(w)
      a = madd(weight, v128.load(at), a)
      b = madd(weight, v128.load(at, 16), b)
      c = madd(weight, v128.load(at, 32), c)
      d = madd(weight, v128.load(at, 48), d)
      if (w == 1) break
      weight = v128.load32_splat(w, 4)
      e = madd(weight, v128.load(at, 64), e)
      f = madd(weight, v128.load(at, 80), f)
      g = madd(weight, v128.load(at, 96), g)
      h = madd(weight, v128.load(at, 112), h)
      if (w == 3) break
      weight = v128.load32_splat(w, 8)
      a = madd(weight, v128.load(at, 128), a)
      b = madd(weight, v128.load(at, 144), b)
      c = madd(weight, v128.load(at, 160), c)
      d = madd(weight, v128.load(at, 176), d)
      if (w == 5) break
      weight = v128.load32_splat(w, 12)
      e = madd(weight, v128.load(at, 192), e)
      f = madd(weight, v128.load(at, 208), f)
      g = madd(weight, v128.load(at, 224), g)
      h = madd(weight, v128.load(at, 240), h)
      if (w == 7) break
      weight = v128.load32_splat(w, 16)
      a = madd(weight, v128.load(at, 256), a)
      b = madd(weight, v128.load(at, 272), b)
      c = madd(weight, v128.load(at, 288), c)
      d = madd(weight, v128.load(at, 304), d)
      if (w == 9) break
      weight = v128.load32_splat(w, 20)
      e = madd(weight, v128.load(at, 320), e)
      f = madd(weight, v128.load(at, 336), f)
      g = madd(weight, v128.load(at, 352), g)
      h = madd(weight, v128.load(at, 368), h)
      if (w == 11) break
      weight = v128.load32_splat(w, 24)
      a = madd(weight, v128.load(at, 384), a)
      b = madd(weight, v128.load(at, 400), b)
      c = madd(weight, v128.load(at, 416), c)
      d = madd(weight, v128.load(at, 432), d)
      if (w == 13) break
      weight = v128.load32_splat(w, 28)
      e = madd(weight, v128.load(at, 448), e)
      f = madd(weight, v128.load(at, 464), f)
      g = madd(weight, v128.load(at, 480), g)
      h = madd(weight, v128.load(at, 496), h)
    }
    v128.store(y, f32x4.add(a, e))
    v128.store(y, f32x4.add(b, f), 16)
    v128.store(y, f32x4.add(c, g), 32)
    v128.store(y, f32x4.add(d, h), 48)
    y += 64
  }
}

/** Blocks of one row and four columns. */
function forwardFour(starts: usize, places: usize, values: usize, x: usize, bias: usize, y: usize, rows: u32): void {
  let w = values
  let place = places
  for (let r: u32 = 0; r < rows; r++) {
    const stop = values + ((<usize>load<u32>(starts + ((<usize>r) << 2), 4)) << 4)
    let a = biasAt(bias, r),
      b = a,
      c = a,
      d = a,
      e = f32x4.splat(0),
      f = e,
      g = e,
      h = e
    for (; w < stop; w += 16) {
      const at = x + <usize>load<u32>(place)
      place += 4
      let weight = v128.load32_splat(w)
      a = madd(weight, v128.load(at), a)
      b = madd(weight, v128.load(at, 16), b)
      c = madd(weight, v128.load(at, 32), c)
      d = madd(weight, v128.load(at, 48), d)
      if (w == 1) break
      weight = v128.load32_splat(w, 4)
      e = madd(weight, v128.load(at, 64), e)
      f = madd(weight, v128.load(at, 80), f)
      g = madd(weight, v128.load(at, 96), g)
      h = madd(weight, v128.load(at, 112), h)
      if (w == 3) break
      weight = v128.load32_splat(w, 8)
      a = madd(weight, v128.load(at, 128), a)
      b = madd(weight, v128.load(at, 144), b)
      c = madd(weight, v128.load(at, 160), c)
      d = madd(weight, v128.load(at, 176), d)
      if (w == 5) break
      weight = v128.load32_splat(w, 12)
      e = madd(weight, v128.load(at, 192), e)
      f = madd(weight, v128.load(at, 208), f)
      g = madd(weight, v128.load(at, 224), g)
      h = madd(weight, v128.load(at, 240), h)
    }
    v128.store(y, f32x4.add(a, e))
    v128.store(y, f32x4.add(b, f), 16)
    v128.store(y, f32x4.add(c, g), 32)
    v128.store(y, f32x4.add(d, h), 48)
    y += 64
  }
}

/** Blocks of any size. */
function forwardAny(
  starts: usize,
  places: usize,
  values: usize,
  height: u32,
  width: u32,
  x: usize,
  bias: usize,
  y: usize,
  rows: u32,
): void {
  const row = (<usize>width) << 2
  const size = row * <usize>height
  for (let r: u32 = 0; r < rows; r += height) {
    const first = load<u32>(starts)
    const last = load<u32>(starts, 4)
    starts += 4
    for (let j: u32 = 0; j < height; j++) {
      let a = biasAt(bias, r + j),
        b = a,
        c = a,
        d = a
      let block = values + <usize>first * size + <usize>j * row
      for (let k = first; k < last; k++) {
        let at = x + <usize>load<u32>(places + ((<usize>k) << 2))
        for (let w = block; w < block + row; w += 4) {
          const weight = v128.load32_splat(w)
          a = madd(weight, v128.load(at), a)
          b = madd(weight, v128.load(at, 16), b)
          c = madd(weight, v128.load(at, 32), c)
          d = madd(weight, v128.load(at, 48), d)
          at += 64
        }
        block += size
      }
      v128.store(y, a)
      v128.store(y, b, 16)
      v128.store(y, c, 32)
      v128.store(y, d, 48)
      y += 64
    }
  }
}

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
