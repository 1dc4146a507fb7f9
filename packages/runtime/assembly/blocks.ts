/** Products of int8 weights in blocks of eight with activations of 16 bits. They add to y, as those of product.ts do. */
import { Matrix } from './matrix'
import { madd, ROUNDER } from './simd'

export function blocks1(m: Matrix, x: usize, scales: usize, y: usize): void {
  blocks(1, m, x, scales, y)
}
export function blocks2(m: Matrix, x: usize, scales: usize, y: usize): void {
  blocks(2, m, x, scales, y)
}
export function blocks3(m: Matrix, x: usize, scales: usize, y: usize): void {
  blocks(3, m, x, scales, y)
}
export function blocks4(m: Matrix, x: usize, scales: usize, y: usize): void {
  blocks(4, m, x, scales, y)
}
export function blocks5(m: Matrix, x: usize, scales: usize, y: usize): void {
  blocks(5, m, x, scales, y)
}
export function blocks6(m: Matrix, x: usize, scales: usize, y: usize): void {
  blocks(6, m, x, scales, y)
}
export function blocks7(m: Matrix, x: usize, scales: usize, y: usize): void {
  blocks(7, m, x, scales, y)
}
export function blocks8(m: Matrix, x: usize, scales: usize, y: usize): void {
  blocks(8, m, x, scales, y)
}

/**
 * Blocks of 8 signed bytes with activations of 16 bits: sums are exact integers, multiplied at the end with the scale of
 * the row and the scale of the activations.
 * @param x [columns / 8][count][8] of i16, as {@link quantize} writes them, for 1 to 8 rows of activations; their scales
 * @param y a panel of 1, 4 or 8 lanes, as many as `count` rows take
 */
export function multiplyBlocks(m: Matrix, x: usize, scales: usize, count: u32, y: usize): void {
  switch (count) {
    case 1:
      blocks1(m, x, scales, y)
      break
    case 2:
      blocks2(m, x, scales, y)
      break
    case 3:
      blocks3(m, x, scales, y)
      break
    case 4:
      blocks4(m, x, scales, y)
      break
    case 5:
      blocks5(m, x, scales, y)
      break
    case 6:
      blocks6(m, x, scales, y)
      break
    case 7:
      blocks7(m, x, scales, y)
      break
    default:
      blocks8(m, x, scales, y)
  }
}

/** The sum of a vector, in each lane. */
// @inline
function sum(a: v128): v128 {
  const pair = i32x4.add(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1))
  return i32x4.add(pair, v128.shuffle<i32>(pair, pair, 1, 0, 3, 2))
}

/** Sums of four vectors, one a lane. */
// @inline
function sums4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7))
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7))
}

// @inline
function dot(sum: v128, w: v128, x: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(w, x))
}

/** `n` is a constant where this is inlined: eight functions, each with as many accumulators as it needs. */
// @inline
function blocks(n: u32, m: Matrix, x: usize, activationScales: usize, y: usize): void {
  const indices = m.indices
  const codes = m.values
  const scales = m.scales
  let starts = m.starts
  let order = m.order
  const size: usize = n == 1 ? 2 : n > 4 ? 5 : 4
  let index = indices + ((<usize>load<u32>(starts)) << 1)
  let at = codes + ((<usize>load<u32>(starts)) << 3)
  for (const last = order + ((<usize>m.rows) << 2); order < last; order += 4) {
    const zero = i32x4.splat(0)
    let a = zero,
      b = zero,
      c = zero,
      d = zero,
      e = zero,
      f = zero,
      g = zero,
      h = zero
    starts += 4
    const end = indices + ((<usize>load<u32>(starts)) << 1)
    const r = load<u32>(order)
    // With more than four sums there are not enough registers for two blocks at once.
    if (n <= 4)
      for (; index + 4 <= end; index += 4) {
        const p = x + <usize>load<u16>(index) * ((<usize>n) << 4)
        const q = x + <usize>load<u16>(index, 2) * ((<usize>n) << 4)
        const w = v128.load8x8_s(at)
        const v = v128.load8x8_s(at, 8)
        at += 16
        a = dot(dot(a, w, v128.load(p)), v, v128.load(q))
        if (n > 1) b = dot(dot(b, w, v128.load(p, 16)), v, v128.load(q, 16))
        if (n > 2) c = dot(dot(c, w, v128.load(p, 32)), v, v128.load(q, 32))
        if (n > 3) d = dot(dot(d, w, v128.load(p, 48)), v, v128.load(q, 48))
      }
    for (; index < end; index += 2) {
      const p = x + <usize>load<u16>(index) * ((<usize>n) << 4)
      const w = v128.load8x8_s(at)
      at += 8
      a = dot(a, w, v128.load(p))
      if (n > 1) b = dot(b, w, v128.load(p, 16))
      if (n > 2) c = dot(c, w, v128.load(p, 32))
      if (n > 3) d = dot(d, w, v128.load(p, 48))
      if (n > 4) e = dot(e, w, v128.load(p, 64))
      if (n > 5) f = dot(f, w, v128.load(p, 80))
      if (n > 6) g = dot(g, w, v128.load(p, 96))
      if (n > 7) h = dot(h, w, v128.load(p, 112))
    }
    const rowScale = load<f32>(scales + ((<usize>r) << 2))
    const to = y + ((<usize>r) << size)
    if (n == 1) {
      const scale = f32x4.splat(rowScale * load<f32>(activationScales))
      // In the same order as for several rows, so that a result does not depend on the batch.
      v128.store_lane<f32>(to, madd(scale, f32x4.convert_i32x4_s(sum(a)), v128.load32_splat(to)), 0)
    } else {
      addSums(to, sums4(a, b, c, d), f32x4.mul(v128.load(activationScales), f32x4.splat(rowScale)))
      if (n > 4) {
        const scale = f32x4.mul(v128.load(activationScales, 16), f32x4.splat(rowScale))
        addSums(to + 16, n > 5 ? sums4(e, f, g, h) : sum(e), scale)
      }
    }
  }
}

// @inline
function addSums(y: usize, sums: v128, scale: v128): void {
  v128.store(y, madd(scale, f32x4.convert_i32x4_s(sums), v128.load(y)))
}

/**
 * Rounds rows of activations to 16-bit integers of at most `limit`: x ≈ scale · q.
 * @param x 1 to 8 rows, `stride` bytes from one to the next; read up to a multiple of eight features
 * @param out [features / 8][count][8] of i16, undefined beyond the features; scales f32[count]
 */
export function quantize(
  x: usize,
  stride: usize,
  features: u32,
  count: u32,
  limit: f32,
  out: usize,
  scales: usize,
): void {
  const step = (<usize>count) << 4
  const whole = f32x4.splat(ROUNDER)
  const bits = i32x4.splat(reinterpret<i32>(ROUNDER))
  for (let row: u32 = 0; row < count; row++) {
    const end = x + ((<usize>features) << 2)
    let a = f32x4.splat(1e-20),
      b = a
    let p = x
    for (; p + 32 <= end; p += 32) {
      a = f32x4.max(a, f32x4.abs(v128.load(p)))
      b = f32x4.max(b, f32x4.abs(v128.load(p, 16)))
    }
    a = f32x4.max(a, b)
    let largest = max<f32>(
      max<f32>(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
      max<f32>(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
    )
    for (; p < end; p += 4) largest = max<f32>(largest, abs<f32>(load<f32>(p)))
    store<f32>(scales + ((<usize>row) << 2), largest / limit)
    const inverse = f32x4.splat(limit / largest)
    let to = out + ((<usize>row) << 4)
    for (p = x; p < end; p += 32) {
      const low = i32x4.sub(madd(v128.load(p), inverse, whole), bits)
      const high = i32x4.sub(madd(v128.load(p, 16), inverse, whole), bits)
      v128.store(to, i16x8.narrow_i32x4_s(low, high))
      to += step
    }
    x += stride
  }
}
