/**
 * Products of a sparse matrix with panels of activations.
 *
 * A panel is [features][lanes] of f32, lanes being 1, 4, 8 or 16 rows of a batch: one weight meets all lanes of a feature.
 * All of them add: y[r] += Σ w · x.
 */
import { Matrix } from './matrix'
import { madd, WHOLE } from './simd'

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
function add(sum: v128, scale: v128, y: usize, coded: bool): void {
  v128.store(y, coded ? madd(sum, scale, v128.load(y)) : f32x4.add(v128.load(y), sum))
}

// @ts-ignore: decorator
@inline
function product16(coded: bool, m: Matrix, x: usize, y: usize): void {
  const width = m.width
  const rows = m.rows
  const starts = m.starts
  const order = m.order
  const table = m.table
  const scales = m.scales
  const size: usize = coded ? 1 : 4
  let k = load<u32>(starts)
  let index = m.indices + (<usize>k << 1)
  let at = m.values + <usize>(k * width) * size
  const stride = <usize>width << 6
  for (let i: u32 = 0; i < rows; i++) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0
    const end = load<u32>(starts + (<usize>(i + 1) << 2))
    const r = load<u32>(order + (<usize>i << 2))
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
    const to = y + (<usize>r << 6)
    const scale = coded ? v128.load32_splat(scales + (<usize>r << 2)) : f32x4.splat(1)
    add(f32x4.add(a0, b0), scale, to, coded)
    add(f32x4.add(a1, b1), scale, to + 16, coded)
    add(f32x4.add(a2, b2), scale, to + 32, coded)
    add(f32x4.add(a3, b3), scale, to + 48, coded)
  }
}

// @ts-ignore: decorator
@inline
function product8(coded: bool, m: Matrix, x: usize, y: usize): void {
  const width = m.width
  const rows = m.rows
  const starts = m.starts
  const order = m.order
  const table = m.table
  const scales = m.scales
  const size: usize = coded ? 1 : 4
  let k = load<u32>(starts)
  let index = m.indices + (<usize>k << 1)
  let at = m.values + <usize>(k * width) * size
  const stride = <usize>width << 5
  for (let i: u32 = 0; i < rows; i++) {
    let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0
    const end = load<u32>(starts + (<usize>(i + 1) << 2))
    const r = load<u32>(order + (<usize>i << 2))
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
    const to = y + (<usize>r << 5)
    const scale = coded ? v128.load32_splat(scales + (<usize>r << 2)) : f32x4.splat(1)
    add(f32x4.add(f32x4.add(a0, b0), f32x4.add(c0, d0)), scale, to, coded)
    add(f32x4.add(f32x4.add(a1, b1), f32x4.add(c1, d1)), scale, to + 16, coded)
  }
}

// @ts-ignore: decorator
@inline
function product4(coded: bool, m: Matrix, x: usize, y: usize): void {
  const width = m.width
  const rows = m.rows
  const starts = m.starts
  const order = m.order
  const table = m.table
  const scales = m.scales
  const size: usize = coded ? 1 : 4
  let k = load<u32>(starts)
  let index = m.indices + (<usize>k << 1)
  let at = m.values + <usize>(k * width) * size
  const stride = <usize>width << 4
  for (let i: u32 = 0; i < rows; i++) {
    let a = f32x4.splat(0), b = a, c = a, d = a
    const end = load<u32>(starts + (<usize>(i + 1) << 2))
    const r = load<u32>(order + (<usize>i << 2))
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
    const to = y + (<usize>r << 4)
    const scale = coded ? v128.load32_splat(scales + (<usize>r << 2)) : f32x4.splat(1)
    add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), scale, to, coded)
  }
}

/** A single row of the batch: nothing to share a weight among, so sums are taken along the features. */
// @ts-ignore: decorator
@inline
function product1(coded: bool, m: Matrix, x: usize, y: usize): void {
  const width = m.width
  const rows = m.rows
  const starts = m.starts
  const order = m.order
  const table = m.table
  const scales = m.scales
  const size: usize = coded ? 1 : 4
  let k = load<u32>(starts)
  let index = m.indices + (<usize>k << 1)
  let at = m.values + <usize>(k * width) * size
  const stride = <usize>width << 2
  for (let i: u32 = 0; i < rows; i++) {
    let a: f32 = 0, b: f32 = 0, c: f32 = 0, d: f32 = 0
    const end = load<u32>(starts + (<usize>(i + 1) << 2))
    const r = load<u32>(order + (<usize>i << 2))
    if (width == 1) {
      for (; k + 4 <= end; k += 4) {
        a += scalarWeight(coded, at, table) * load<f32>(x + (<usize>load<u16>(index) << 2))
        b += scalarWeight(coded, at + size, table) * load<f32>(x + (<usize>load<u16>(index, 2) << 2))
        c += scalarWeight(coded, at + 2 * size, table) * load<f32>(x + (<usize>load<u16>(index, 4) << 2))
        d += scalarWeight(coded, at + 3 * size, table) * load<f32>(x + (<usize>load<u16>(index, 6) << 2))
        index += 8
        at += 4 * size
      }
      for (; k < end; k++) {
        a += scalarWeight(coded, at, table) * load<f32>(x + (<usize>load<u16>(index) << 2))
        index += 2
        at += size
      }
    } else {
      for (; k < end; k++) {
        let p = x + <usize>load<u16>(index) * stride
        index += 2
        for (const stop = p + stride; p < stop; p += 8) {
          a += scalarWeight(coded, at, table) * load<f32>(p)
          b += scalarWeight(coded, at + size, table) * load<f32>(p, 4)
          at += 2 * size
        }
      }
    }
    const to = y + (<usize>r << 2)
    const sum = a + b + (c + d)
    const scaled = coded ? sum * load<f32>(scales + (<usize>r << 2)) : sum
    store<f32>(to, load<f32>(to) + scaled)
  }
}

// @ts-ignore: decorator
@inline
function scalarWeight(coded: bool, at: usize, table: usize): f32 {
  return coded ? load<f32>(table + (<usize>load<u8>(at) << 2)) : load<f32>(at)
}

export function float16(m: Matrix, x: usize, y: usize): void {
  product16(false, m, x, y)
}
export function coded16(m: Matrix, x: usize, y: usize): void {
  product16(true, m, x, y)
}
export function float8(m: Matrix, x: usize, y: usize): void {
  product8(false, m, x, y)
}
export function coded8(m: Matrix, x: usize, y: usize): void {
  product8(true, m, x, y)
}
export function float4(m: Matrix, x: usize, y: usize): void {
  product4(false, m, x, y)
}
export function coded4(m: Matrix, x: usize, y: usize): void {
  product4(true, m, x, y)
}
export function float1(m: Matrix, x: usize, y: usize): void {
  product1(false, m, x, y)
}
export function coded1(m: Matrix, x: usize, y: usize): void {
  product1(true, m, x, y)
}

/** Values of 4 bytes. @param x a panel with room for whole blocks @param y a panel of as many lanes */
export function multiplyFloat(m: Matrix, x: usize, lanes: u32, y: usize): void {
  if (lanes == 16) float16(m, x, y)
  else if (lanes == 8) float8(m, x, y)
  else if (lanes == 4) float4(m, x, y)
  else float1(m, x, y)
}

/** Values as codes of one byte. */
export function multiplyCoded(m: Matrix, x: usize, lanes: u32, y: usize): void {
  if (lanes == 16) coded16(m, x, y)
  else if (lanes == 8) coded8(m, x, y)
  else if (lanes == 4) coded4(m, x, y)
  else coded1(m, x, y)
}

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
 * Blocks of 8 signed bytes with activations of 16 bits: the sums are whole numbers, times the scale of the row and the
 * activations' own.
 * @param x [columns / 8][count][8] of i16, as {@link quantize} writes them, for 1 to 8 rows of activations; their scales
 * @param y a panel of 1, 4 or 8 lanes, as many as `count` rows take
 */
export function multiplyBlocks(m: Matrix, x: usize, scales: usize, count: u32, y: usize): void {
  switch (count) {
    case 1: return blocks1(m, x, scales, y)
    case 2: return blocks2(m, x, scales, y)
    case 3: return blocks3(m, x, scales, y)
    case 4: return blocks4(m, x, scales, y)
    case 5: return blocks5(m, x, scales, y)
    case 6: return blocks6(m, x, scales, y)
    case 7: return blocks7(m, x, scales, y)
    default: return blocks8(m, x, scales, y)
  }
}

/** The sum of a vector, in each lane. */
// @ts-ignore: decorator
@inline
function sum(a: v128): v128 {
  const pair = i32x4.add(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1))
  return i32x4.add(pair, v128.shuffle<i32>(pair, pair, 1, 0, 3, 2))
}

/** Sums of four vectors, one a lane. */
// @ts-ignore: decorator
@inline
function sums4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7))
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7))
}

// @ts-ignore: decorator
@inline
function dot(sum: v128, w: v128, x: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(w, x))
}

/** `n` is known where this is compiled: eight functions of as many accumulators as each needs. */
// @ts-ignore: decorator
@inline
function blocks(n: u32, m: Matrix, x: usize, activationScales: usize, y: usize): void {
  const indices = m.indices
  const codes = m.values
  const scales = m.scales
  let starts = m.starts
  let order = m.order
  const size: usize = n == 1 ? 2 : n > 4 ? 5 : 4
  let index = indices + (<usize>load<u32>(starts) << 1)
  let at = codes + (<usize>load<u32>(starts) << 3)
  for (const last = order + (<usize>m.rows << 2); order < last; order += 4) {
    const zero = i32x4.splat(0)
    let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero
    starts += 4
    const end = indices + (<usize>load<u32>(starts) << 1)
    const r = load<u32>(order)
    // With more than four sums, two blocks at once are more than there are registers for.
    if (n <= 4)
      for (; index + 4 <= end; index += 4) {
        const p = x + <usize>load<u16>(index) * (<usize>n << 4)
        const q = x + <usize>load<u16>(index, 2) * (<usize>n << 4)
        const w = v128.load8x8_s(at)
        const v = v128.load8x8_s(at, 8)
        at += 16
        a = dot(dot(a, w, v128.load(p)), v, v128.load(q))
        if (n > 1) b = dot(dot(b, w, v128.load(p, 16)), v, v128.load(q, 16))
        if (n > 2) c = dot(dot(c, w, v128.load(p, 32)), v, v128.load(q, 32))
        if (n > 3) d = dot(dot(d, w, v128.load(p, 48)), v, v128.load(q, 48))
      }
    for (; index < end; index += 2) {
      const p = x + <usize>load<u16>(index) * (<usize>n << 4)
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
    const rowScale = load<f32>(scales + (<usize>r << 2))
    const to = y + (<usize>r << size)
    if (n == 1) {
      const scale = f32x4.splat(rowScale * load<f32>(activationScales))
      // As it is done for several rows, so that what else is in a batch changes nothing.
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

// @ts-ignore: decorator
@inline
function addSums(y: usize, sums: v128, scale: v128): void {
  v128.store(y, madd(scale, f32x4.convert_i32x4_s(sums), v128.load(y)))
}

/**
 * Rows of activations as whole numbers of 16 bits, at most `limit`: x ≈ scale · q.
 * @param x `count` rows, 1 to 8, of so many features, `stride` bytes from one to the next; read up to a multiple of eight
 * @param out [features / 8][count][8] of i16, what is beyond the features anything; scales f32[count]
 */
export function quantize(x: usize, stride: usize, features: u32, count: u32, limit: f32, out: usize, scales: usize): void {
  const step = <usize>count << 4
  const whole = f32x4.splat(WHOLE)
  const bits = i32x4.splat(reinterpret<i32>(WHOLE))
  for (let row: u32 = 0; row < count; row++) {
    const end = x + (<usize>features << 2)
    let a = f32x4.splat(1e-20), b = a
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
    store<f32>(scales + (<usize>row << 2), largest / limit)
    const inverse = f32x4.splat(limit / largest)
    let to = out + (<usize>row << 4)
    for (p = x; p < end; p += 32) {
      const low = i32x4.sub(madd(v128.load(p), inverse, whole), bits)
      const high = i32x4.sub(madd(v128.load(p, 16), inverse, whole), bits)
      v128.store(to, i16x8.narrow_i32x4_s(low, high))
      to += step
    }
    x += stride
  }
}
