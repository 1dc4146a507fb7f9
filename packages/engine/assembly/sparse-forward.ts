/** W·x of a sparse W, in the form that sparse.ts describes. */
import { madd } from './simd'

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
