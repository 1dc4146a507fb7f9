/**
 * Products of a sparse matrix with panels of activations.
 *
 * A panel is [features][lanes] of f32, where lanes are 1, 4, 8 or 16 rows of a batch: one weight is multiplied with all
 * lanes of a feature. All products add: y[row] += Σ w · x.
 */
import { Matrix } from './matrix'
import { madd } from './simd'

/** A weight in all lanes: a float, or a code of a byte that is looked up among 256 values. */
// @inline
function weight(coded: bool, at: usize, table: usize): v128 {
  return coded ? v128.load32_splat(table + ((<usize>load<u8>(at)) << 2)) : v128.load32_splat(at)
}

// @inline
function add(sum: v128, scale: v128, y: usize, coded: bool): void {
  v128.store(y, coded ? madd(sum, scale, v128.load(y)) : f32x4.add(v128.load(y), sum))
}

/** The panel's row of a block. @param shift log2 of the bytes of a feature */
// @inline
function feature(x: usize, index: usize, shift: usize): usize {
  return x + ((<usize>load<u16>(index)) << shift)
}

/**
 * 4, 8 or 16 lanes. `lanes` and `coded` are constants where this is inlined, so that only one branch of each `if` is left.
 * Eight accumulators of four lanes each hide the latency of additions: two for each lane of 16, four of 8; four in all of 4.
 */
// @inline
function product(lanes: u32, coded: bool, m: Matrix, x: usize, y: usize): void {
  const width = m.width
  const rows = m.rows
  const starts = m.starts
  const order = m.order
  const table = m.table
  const scales = m.scales
  const size: usize = coded ? 1 : 4
  const shift: usize = lanes == 16 ? 6 : lanes == 8 ? 5 : 4
  let k = load<u32>(starts)
  let index = m.indices + ((<usize>k) << 1)
  let at = m.values + <usize>(k * width) * size
  const stride = (<usize>width) << shift
  for (let i: u32 = 0; i < rows; i++) {
    const zero = f32x4.splat(0)
    let a0 = zero,
      a1 = zero,
      a2 = zero,
      a3 = zero,
      b0 = zero,
      b1 = zero,
      b2 = zero,
      b3 = zero
    const end = load<u32>(starts + ((<usize>(i + 1)) << 2))
    const r = load<u32>(order + ((<usize>i) << 2))
    if (width == 1) {
      if (lanes == 16)
        for (; k + 2 <= end; k += 2) {
          const p = feature(x, index, shift)
          const q = feature(x, index + 2, shift)
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
      else
        for (; k + 4 <= end; k += 4) {
          const p = feature(x, index, shift)
          const q = feature(x, index + 2, shift)
          const s = feature(x, index + 4, shift)
          const t = feature(x, index + 6, shift)
          const w = weight(coded, at, table)
          const v = weight(coded, at + size, table)
          const u = weight(coded, at + 2 * size, table)
          const z = weight(coded, at + 3 * size, table)
          index += 8
          at += 4 * size
          a0 = madd(w, v128.load(p), a0)
          if (lanes == 8) a1 = madd(w, v128.load(p, 16), a1)
          b0 = madd(v, v128.load(q), b0)
          if (lanes == 8) b1 = madd(v, v128.load(q, 16), b1)
          a2 = madd(u, v128.load(s), a2)
          if (lanes == 8) a3 = madd(u, v128.load(s, 16), a3)
          b2 = madd(z, v128.load(t), b2)
          if (lanes == 8) b3 = madd(z, v128.load(t, 16), b3)
        }
      for (; k < end; k++) {
        const p = feature(x, index, shift)
        const w = weight(coded, at, table)
        index += 2
        at += size
        a0 = madd(w, v128.load(p), a0)
        if (lanes > 4) a1 = madd(w, v128.load(p, 16), a1)
        if (lanes > 8) a2 = madd(w, v128.load(p, 32), a2)
        if (lanes > 8) a3 = madd(w, v128.load(p, 48), a3)
      }
    } else {
      for (; k < end; k++) {
        let p = x + <usize>load<u16>(index) * stride
        index += 2
        for (const stop = p + stride; p < stop; p += (<usize>lanes) << 3) {
          const w = weight(coded, at, table)
          const v = weight(coded, at + size, table)
          at += 2 * size
          a0 = madd(w, v128.load(p), a0)
          if (lanes > 4) a1 = madd(w, v128.load(p, 16), a1)
          if (lanes > 8) a2 = madd(w, v128.load(p, 32), a2)
          if (lanes > 8) a3 = madd(w, v128.load(p, 48), a3)
          if (lanes == 4) b0 = madd(v, v128.load(p, 16), b0)
          if (lanes == 8) b0 = madd(v, v128.load(p, 32), b0)
          if (lanes == 8) b1 = madd(v, v128.load(p, 48), b1)
          if (lanes == 16) b0 = madd(v, v128.load(p, 64), b0)
          if (lanes == 16) b1 = madd(v, v128.load(p, 80), b1)
          if (lanes == 16) b2 = madd(v, v128.load(p, 96), b2)
          if (lanes == 16) b3 = madd(v, v128.load(p, 112), b3)
        }
      }
    }
    const to = y + ((<usize>r) << shift)
    const scale = coded ? v128.load32_splat(scales + ((<usize>r) << 2)) : f32x4.splat(1)
    if (lanes == 4) add(f32x4.add(f32x4.add(a0, b0), f32x4.add(a2, b2)), scale, to, coded)
    if (lanes == 8) {
      add(f32x4.add(f32x4.add(a0, b0), f32x4.add(a2, b2)), scale, to, coded)
      add(f32x4.add(f32x4.add(a1, b1), f32x4.add(a3, b3)), scale, to + 16, coded)
    }
    if (lanes == 16) {
      add(f32x4.add(a0, b0), scale, to, coded)
      add(f32x4.add(a1, b1), scale, to + 16, coded)
      add(f32x4.add(a2, b2), scale, to + 32, coded)
      add(f32x4.add(a3, b3), scale, to + 48, coded)
    }
  }
}

/** One lane: a weight is used once, so that there is nothing to gain from vectors. */
// @inline
function product1(coded: bool, m: Matrix, x: usize, y: usize): void {
  const width = m.width
  const rows = m.rows
  const starts = m.starts
  const order = m.order
  const table = m.table
  const scales = m.scales
  const size: usize = coded ? 1 : 4
  let k = load<u32>(starts)
  let index = m.indices + ((<usize>k) << 1)
  let at = m.values + <usize>(k * width) * size
  const stride = (<usize>width) << 2
  for (let i: u32 = 0; i < rows; i++) {
    let a: f32 = 0,
      b: f32 = 0,
      c: f32 = 0,
      d: f32 = 0
    const end = load<u32>(starts + ((<usize>(i + 1)) << 2))
    const r = load<u32>(order + ((<usize>i) << 2))
    if (width == 1) {
      for (; k + 4 <= end; k += 4) {
        a += scalarWeight(coded, at, table) * load<f32>(x + ((<usize>load<u16>(index)) << 2))
        b += scalarWeight(coded, at + size, table) * load<f32>(x + ((<usize>load<u16>(index, 2)) << 2))
        c += scalarWeight(coded, at + 2 * size, table) * load<f32>(x + ((<usize>load<u16>(index, 4)) << 2))
        d += scalarWeight(coded, at + 3 * size, table) * load<f32>(x + ((<usize>load<u16>(index, 6)) << 2))
        index += 8
        at += 4 * size
      }
      for (; k < end; k++) {
        a += scalarWeight(coded, at, table) * load<f32>(x + ((<usize>load<u16>(index)) << 2))
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
    const to = y + ((<usize>r) << 2)
    const sum = a + b + (c + d)
    const scaled = coded ? sum * load<f32>(scales + ((<usize>r) << 2)) : sum
    store<f32>(to, load<f32>(to) + scaled)
  }
}

// @inline
function scalarWeight(coded: bool, at: usize, table: usize): f32 {
  return coded ? load<f32>(table + ((<usize>load<u8>(at)) << 2)) : load<f32>(at)
}

export function float16(m: Matrix, x: usize, y: usize): void {
  product(16, false, m, x, y)
}
export function coded16(m: Matrix, x: usize, y: usize): void {
  product(16, true, m, x, y)
}
export function float8(m: Matrix, x: usize, y: usize): void {
  product(8, false, m, x, y)
}
export function coded8(m: Matrix, x: usize, y: usize): void {
  product(8, true, m, x, y)
}
export function float4(m: Matrix, x: usize, y: usize): void {
  product(4, false, m, x, y)
}
export function coded4(m: Matrix, x: usize, y: usize): void {
  product(4, true, m, x, y)
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
