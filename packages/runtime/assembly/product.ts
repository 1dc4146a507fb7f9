/**
 * Products of a sparse matrix with panels of activations.
 *
 * A panel is [features][lanes] of f32, lanes being 1, 4, 8 or 16 rows of a batch: one weight meets all lanes of a feature.
 * All of them add: y[r] += Σ w · x.
 */
import { Matrix } from './matrix'
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
