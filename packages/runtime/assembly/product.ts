/**
 * Products of a sparse matrix with panels of activations.
 *
 * A panel is [features][lanes] of f32, lanes being 4, 8 or 16 rows of a batch: one weight meets all lanes of a feature.
 * A matrix is in compressed rows: `starts` u32[rows + 1]; `indices` u16, one a block of `width` neighbouring columns;
 * its values, `width` a block. y[r] = base + Σ w · x, the base being y itself where `accumulate`, else the bias or 0.
 */
import { madd } from './simd'

/** One weight of 4 bytes. */
// @ts-ignore: decorator
@inline
function floatWeight(at: usize, table: usize): v128 {
  return v128.load32_splat(at)
}
/** One weight as a code of a byte, looked up among 256 values. */
// @ts-ignore: decorator
@inline
function codedWeight(at: usize, table: usize): v128 {
  return v128.load32_splat(table + ((<usize>load<u8>(at)) << 2))
}

// @ts-ignore: decorator
@inline
function weight(coded: bool, at: usize, table: usize): v128 {
  return coded ? codedWeight(at, table) : floatWeight(at, table)
}

// @ts-ignore: decorator
@inline
function finish(sum: v128, scale: v128, y: usize, base: v128, coded: bool, accumulate: bool): void {
  const from = accumulate ? v128.load(y) : base
  v128.store(y, coded ? madd(sum, scale, from) : f32x4.add(from, sum))
}

// @ts-ignore: decorator
@inline
function product16(
  coded: bool, starts: usize, indices: usize, values: usize, width: u32, rows: u32, table: usize, scales: usize,
  x: usize, bias: usize, y: usize, accumulate: bool,
): void {
  const size: usize = coded ? 1 : 4
  let k = load<u32>(starts)
  let index = indices + (<usize>k << 1)
  let at = values + <usize>(k * width) * size
  const stride = <usize>width << 6
  for (let r: u32 = 0; r < rows; r++) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0
    const end = load<u32>(starts + (<usize>(r + 1) << 2))
    if (width == 1) {
      for (; k + 2 <= end; k += 2) {
        const p = x + (<usize>load<u16>(index) << 6)
        const q = x + (<usize>load<u16>(index, 2) << 6)
        const w = weight(coded, at, table)
        const v = weight(coded, at + size, table)
        index += 4
        at += 2 * size
        a0 = madd(w, v128.load(p), a0)
        a1 = madd(w, v128.load(p, 16), a1)
        a2 = madd(w, v128.load(p, 32), a2)
        a3 = madd(w, v128.load(p, 48), a3)
        b0 = madd(v, v128.load(q), b0)
        b1 = madd(v, v128.load(q, 16), b1)
        b2 = madd(v, v128.load(q, 32), b2)
        b3 = madd(v, v128.load(q, 48), b3)
      }
      if (k < end) {
        const p = x + (<usize>load<u16>(index) << 6)
        const w = weight(coded, at, table)
        index += 2
        at += size
        k++
        a0 = madd(w, v128.load(p), a0)
        a1 = madd(w, v128.load(p, 16), a1)
        a2 = madd(w, v128.load(p, 32), a2)
        a3 = madd(w, v128.load(p, 48), a3)
      }
    } else {
      for (; k < end; k++) {
        let p = x + <usize>load<u16>(index) * stride
        index += 2
        for (const stop = p + stride; p < stop; p += 128) {
          const w = weight(coded, at, table)
          const v = weight(coded, at + size, table)
          at += 2 * size
          a0 = madd(w, v128.load(p), a0)
          a1 = madd(w, v128.load(p, 16), a1)
          a2 = madd(w, v128.load(p, 32), a2)
          a3 = madd(w, v128.load(p, 48), a3)
          b0 = madd(v, v128.load(p, 64), b0)
          b1 = madd(v, v128.load(p, 80), b1)
          b2 = madd(v, v128.load(p, 96), b2)
          b3 = madd(v, v128.load(p, 112), b3)
        }
      }
    }
    const base = bias != 0 ? v128.load32_splat(bias + (<usize>r << 2)) : f32x4.splat(0)
    const scale = coded ? v128.load32_splat(scales + (<usize>r << 2)) : base
    finish(f32x4.add(a0, b0), scale, y, base, coded, accumulate)
    finish(f32x4.add(a1, b1), scale, y + 16, base, coded, accumulate)
    finish(f32x4.add(a2, b2), scale, y + 32, base, coded, accumulate)
    finish(f32x4.add(a3, b3), scale, y + 48, base, coded, accumulate)
    y += 64
  }
}

// @ts-ignore: decorator
@inline
function product8(
  coded: bool, starts: usize, indices: usize, values: usize, width: u32, rows: u32, table: usize, scales: usize,
  x: usize, bias: usize, y: usize, accumulate: bool,
): void {
  const size: usize = coded ? 1 : 4
  let k = load<u32>(starts)
  let index = indices + (<usize>k << 1)
  let at = values + <usize>(k * width) * size
  const stride = <usize>width << 5
  for (let r: u32 = 0; r < rows; r++) {
    let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0
    const end = load<u32>(starts + (<usize>(r + 1) << 2))
    if (width == 1) {
      for (; k + 4 <= end; k += 4) {
        const p = x + (<usize>load<u16>(index) << 5)
        const q = x + (<usize>load<u16>(index, 2) << 5)
        const s = x + (<usize>load<u16>(index, 4) << 5)
        const t = x + (<usize>load<u16>(index, 6) << 5)
        const w = weight(coded, at, table)
        const v = weight(coded, at + size, table)
        const u = weight(coded, at + 2 * size, table)
        const z = weight(coded, at + 3 * size, table)
        index += 8
        at += 4 * size
        a0 = madd(w, v128.load(p), a0)
        a1 = madd(w, v128.load(p, 16), a1)
        b0 = madd(v, v128.load(q), b0)
        b1 = madd(v, v128.load(q, 16), b1)
        c0 = madd(u, v128.load(s), c0)
        c1 = madd(u, v128.load(s, 16), c1)
        d0 = madd(z, v128.load(t), d0)
        d1 = madd(z, v128.load(t, 16), d1)
      }
      for (; k < end; k++) {
        const p = x + (<usize>load<u16>(index) << 5)
        const w = weight(coded, at, table)
        index += 2
        at += size
        a0 = madd(w, v128.load(p), a0)
        a1 = madd(w, v128.load(p, 16), a1)
      }
    } else {
      for (; k < end; k++) {
        let p = x + <usize>load<u16>(index) * stride
        index += 2
        for (const stop = p + stride; p < stop; p += 64) {
          const w = weight(coded, at, table)
          const v = weight(coded, at + size, table)
          at += 2 * size
          a0 = madd(w, v128.load(p), a0)
          a1 = madd(w, v128.load(p, 16), a1)
          b0 = madd(v, v128.load(p, 32), b0)
          b1 = madd(v, v128.load(p, 48), b1)
        }
      }
    }
    const base = bias != 0 ? v128.load32_splat(bias + (<usize>r << 2)) : f32x4.splat(0)
    const scale = coded ? v128.load32_splat(scales + (<usize>r << 2)) : base
    finish(f32x4.add(f32x4.add(a0, b0), f32x4.add(c0, d0)), scale, y, base, coded, accumulate)
    finish(f32x4.add(f32x4.add(a1, b1), f32x4.add(c1, d1)), scale, y + 16, base, coded, accumulate)
    y += 32
  }
}

// @ts-ignore: decorator
@inline
function product4(
  coded: bool, starts: usize, indices: usize, values: usize, width: u32, rows: u32, table: usize, scales: usize,
  x: usize, bias: usize, y: usize, accumulate: bool,
): void {
  const size: usize = coded ? 1 : 4
  let k = load<u32>(starts)
  let index = indices + (<usize>k << 1)
  let at = values + <usize>(k * width) * size
  const stride = <usize>width << 4
  for (let r: u32 = 0; r < rows; r++) {
    let a = f32x4.splat(0), b = a, c = a, d = a
    const end = load<u32>(starts + (<usize>(r + 1) << 2))
    if (width == 1) {
      for (; k + 4 <= end; k += 4) {
        a = madd(weight(coded, at, table), v128.load(x + (<usize>load<u16>(index) << 4)), a)
        b = madd(weight(coded, at + size, table), v128.load(x + (<usize>load<u16>(index, 2) << 4)), b)
        c = madd(weight(coded, at + 2 * size, table), v128.load(x + (<usize>load<u16>(index, 4) << 4)), c)
        d = madd(weight(coded, at + 3 * size, table), v128.load(x + (<usize>load<u16>(index, 6) << 4)), d)
        index += 8
        at += 4 * size
      }
      for (; k < end; k++) {
        a = madd(weight(coded, at, table), v128.load(x + (<usize>load<u16>(index) << 4)), a)
        index += 2
        at += size
      }
    } else {
      for (; k < end; k++) {
        let p = x + <usize>load<u16>(index) * stride
        index += 2
        for (const stop = p + stride; p < stop; p += 32) {
          a = madd(weight(coded, at, table), v128.load(p), a)
          b = madd(weight(coded, at + size, table), v128.load(p, 16), b)
          at += 2 * size
        }
      }
    }
    const base = bias != 0 ? v128.load32_splat(bias + (<usize>r << 2)) : f32x4.splat(0)
    const scale = coded ? v128.load32_splat(scales + (<usize>r << 2)) : base
    finish(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), scale, y, base, coded, accumulate)
    y += 16
  }
}

/** Values of 4 bytes. */
export function multiplyFloat(
  starts: usize, indices: usize, values: usize, width: u32, rows: u32, x: usize, lanes: u32, bias: usize, y: usize,
  accumulate: bool,
): void {
  if (lanes == 16) product16(false, starts, indices, values, width, rows, 0, 0, x, bias, y, accumulate)
  else if (lanes == 8) product8(false, starts, indices, values, width, rows, 0, 0, x, bias, y, accumulate)
  else product4(false, starts, indices, values, width, rows, 0, 0, x, bias, y, accumulate)
}

/** Values as codes of one byte: a weight is table[code] · scales[row]. */
export function multiplyCoded(
  starts: usize, indices: usize, codes: usize, width: u32, rows: u32, table: usize, scales: usize, x: usize, lanes: u32,
  bias: usize, y: usize, accumulate: bool,
): void {
  if (lanes == 16) product16(true, starts, indices, codes, width, rows, table, scales, x, bias, y, accumulate)
  else if (lanes == 8) product8(true, starts, indices, codes, width, rows, table, scales, x, bias, y, accumulate)
  else product4(true, starts, indices, codes, width, rows, table, scales, x, bias, y, accumulate)
}

/**
 * Blocks of 8 signed bytes (`width` a multiple of 8) with activations of 16 bits, one row of them after the other, each
 * `stride` bytes long; the sums are whole numbers, times scales[r] and the row's own scale.
 * @param count rows of activations, in the lanes of y from `y` on
 */
export function multiplyBlocks(
  starts: usize, indices: usize, codes: usize, width: u32, rows: u32, scales: usize, x: usize, stride: usize,
  activationScales: usize, count: u32, bias: usize, y: usize, lanes: u32, accumulate: bool,
): void {
  const step = <usize>lanes << 2
  let left = count
  for (; left >= 3; left -= min<u32>(4, left)) {
    blocks4(
      starts, indices, codes, width, rows, scales, x, stride, left, activationScales, bias, y, step, accumulate,
    )
    x += 4 * stride
    activationScales += 16
    y += 16
  }
  for (; left > 0; left--) {
    blocks1(
      starts, indices, codes, width, rows, scales, x, load<f32>(activationScales), bias, y, step, accumulate,
    )
    x += stride
    activationScales += 4
    y += 4
  }
}

/** Four rows of activations, the last repeated where there are three. */
function blocks4(
  starts: usize, indices: usize, codes: usize, width: u32, rows: u32, scales: usize, x: usize, stride: usize,
  present: u32, activationScales: usize, bias: usize, y: usize, step: usize, accumulate: bool,
): void {
  const last: usize = present > 3 ? stride * 3 : stride * 2
  const rowScales = v128.load(activationScales)
  const size = <usize>width << 1
  let k = load<u32>(starts)
  let index = indices + (<usize>k << 1)
  let at = codes + <usize>(k * width)
  for (let r: u32 = 0; r < rows; r++) {
    let a = i32x4.splat(0), b = a, c = a, d = a
    const end = load<u32>(starts + (<usize>(r + 1) << 2))
    for (; k < end; k++) {
      let p = x + <usize>load<u16>(index) * size
      index += 2
      for (const stop = p + size; p < stop; p += 16) {
        const w = v128.load8x8_s(at)
        at += 8
        a = i32x4.add(a, i32x4.dot_i16x8_s(w, v128.load(p)))
        b = i32x4.add(b, i32x4.dot_i16x8_s(w, v128.load(p + stride)))
        c = i32x4.add(c, i32x4.dot_i16x8_s(w, v128.load(p + 2 * stride)))
        d = i32x4.add(d, i32x4.dot_i16x8_s(w, v128.load(p + last)))
      }
    }
    const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7))
    const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7))
    const sums = i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7))
    const scale = f32x4.mul(rowScales, v128.load32_splat(scales + (<usize>r << 2)))
    const base = accumulate ? v128.load(y)
      : bias != 0 ? v128.load32_splat(bias + (<usize>r << 2)) : f32x4.splat(0)
    v128.store(y, f32x4.add(base, f32x4.mul(scale, f32x4.convert_i32x4_s(sums))))
    y += step
  }
}

function blocks1(
  starts: usize, indices: usize, codes: usize, width: u32, rows: u32, scales: usize, x: usize, rowScale: f32,
  bias: usize, y: usize, step: usize, accumulate: bool,
): void {
  const size = <usize>width << 1
  let k = load<u32>(starts)
  let index = indices + (<usize>k << 1)
  let at = codes + <usize>(k * width)
  for (let r: u32 = 0; r < rows; r++) {
    let a = i32x4.splat(0)
    const end = load<u32>(starts + (<usize>(r + 1) << 2))
    for (; k < end; k++) {
      let p = x + <usize>load<u16>(index) * size
      index += 2
      for (const stop = p + size; p < stop; p += 16) {
        a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load8x8_s(at), v128.load(p)))
        at += 8
      }
    }
    const pair = i32x4.add(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1))
    const sum = i32x4.extract_lane(pair, 0) + i32x4.extract_lane(pair, 1)
    const base: f32 = accumulate ? load<f32>(y) : bias != 0 ? load<f32>(bias + (<usize>r << 2)) : 0
    store<f32>(y, base + rowScale * load<f32>(scales + (<usize>r << 2)) * <f32>sum)
    y += step
  }
}

/**
 * Activations of a panel as whole numbers of 16 bits, at most `limit`, row by row: x ≈ scale · q.
 * @param count lanes that are rows; out [count][stride bytes], scales f32[count]
 */
export function quantize(
  x: usize, lanes: u32, features: u32, count: u32, limit: f32, out: usize, stride: usize, scales: usize,
): void {
  const step = <usize>lanes << 2
  for (let lane: u32 = 0; lane < count; lane += 4) {
    let largest = f32x4.splat(0)
    let p = x + (<usize>lane << 2)
    for (let f: u32 = 0; f < features; f++) {
      largest = f32x4.max(largest, f32x4.abs(v128.load(p)))
      p += step
    }
    largest = f32x4.max(largest, f32x4.splat(1e-20))
    const scale = f32x4.div(largest, f32x4.splat(limit))
    const inverse = f32x4.div(f32x4.splat(limit), largest)
    const present = min<u32>(4, count - lane)
    if (present == 4) v128.store(scales + (<usize>lane << 2), scale)
    else {
      store<f32>(scales + (<usize>lane << 2), f32x4.extract_lane(scale, 0))
      if (present > 1) store<f32>(scales + (<usize>lane << 2), f32x4.extract_lane(scale, 1), 4)
      if (present > 2) store<f32>(scales + (<usize>lane << 2), f32x4.extract_lane(scale, 2), 8)
    }
    p = x + (<usize>lane << 2)
    let q = out + <usize>lane * stride
    for (let f: u32 = 0; f < features; f++) {
      const n = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(p), inverse)))
      store<i16>(q, <i16>i32x4.extract_lane(n, 0))
      if (present > 1) store<i16>(q + stride, <i16>i32x4.extract_lane(n, 1))
      if (present > 2) store<i16>(q + 2 * stride, <i16>i32x4.extract_lane(n, 2))
      if (present > 3) store<i16>(q + 3 * stride, <i16>i32x4.extract_lane(n, 3))
      p += step
      q += 2
    }
  }
}
