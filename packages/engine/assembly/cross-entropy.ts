/**
 * Cross-entropy of logits and its gradient, of rows or of panels (panels.ts). What is kept of a row of logits between the two
 * is one number: the logarithm of the sum of its exponentials.
 */
import { exponentials, greatest, naturalLogarithm } from './reduction'
import { expAtMostZero, sum4Double } from './simd'

/** y = ln Σ eˣ for each row. Units are rows. */
export function logSumExp(x: usize, y: usize, count: u32, begin: u32, end: u32): void {
  for (let r = begin; r < end; r++) {
    const row = x + ((<usize>r * <usize>count) << 2)
    const most = greatest(row, count)
    store<f32>(y + ((<usize>r) << 2), most + <f32>naturalLogarithm(exponentials(row, 0, most, count)))
  }
}

/** Exponentials that are summed in single precision, before they are added in double precision. */
const PIECE: u32 = 16

/** y = ln Σ eˣ over the columns of each lane. Units are panels; y has a number for each lane, padding included. */
export function logSumExpLanes(x: usize, y: usize, columns: u32, begin: u32, end: u32): void {
  const size = (<usize>columns) << 6
  for (let p = begin; p < end; p++) logSumExpPanel(x + <usize>p * size, size, y + ((<usize>p) << 6))
}

function logSumExpPanel(x: usize, size: usize, y: usize): void {
  const end = x + size
  let a = f32x4.splat(-Infinity)
  let b = a
  let c = a
  let d = a
  for (let at = x; at < end; at += 64) {
    a = f32x4.max(a, v128.load(at))
    b = f32x4.max(b, v128.load(at, 16))
    c = f32x4.max(c, v128.load(at, 32))
    d = f32x4.max(d, v128.load(at, 48))
  }
  // Sums of a piece are added to those of two lanes each in double precision.
  let a0 = f64x2.splat(0)
  let a1 = a0
  let b0 = a0
  let b1 = a0
  let c0 = a0
  let c1 = a0
  let d0 = a0
  let d1 = a0
  for (let at = x; at < end; ) {
    const stop = min<usize>(end, at + ((<usize>PIECE) << 6))
    let e = f32x4.splat(0)
    let f = e
    let g = e
    let h = e
    for (; at < stop; at += 64) {
      e = f32x4.add(e, expAtMostZero(f32x4.sub(v128.load(at), a)))
      f = f32x4.add(f, expAtMostZero(f32x4.sub(v128.load(at, 16), b)))
      g = f32x4.add(g, expAtMostZero(f32x4.sub(v128.load(at, 32), c)))
      h = f32x4.add(h, expAtMostZero(f32x4.sub(v128.load(at, 48), d)))
    }
    a0 = f64x2.add(a0, f64x2.promote_low_f32x4(e))
    a1 = f64x2.add(a1, f64x2.promote_low_f32x4(upper(e)))
    b0 = f64x2.add(b0, f64x2.promote_low_f32x4(f))
    b1 = f64x2.add(b1, f64x2.promote_low_f32x4(upper(f)))
    c0 = f64x2.add(c0, f64x2.promote_low_f32x4(g))
    c1 = f64x2.add(c1, f64x2.promote_low_f32x4(upper(g)))
    d0 = f64x2.add(d0, f64x2.promote_low_f32x4(h))
    d1 = f64x2.add(d1, f64x2.promote_low_f32x4(upper(h)))
  }
  storeShifts(y, a, a0, a1)
  storeShifts(y + 16, b, b0, b1)
  storeShifts(y + 32, c, c0, c1)
  storeShifts(y + 48, d, d0, d1)
}

// @inline
function upper(x: v128): v128 {
  return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
}

function storeShifts(y: usize, most: v128, low: v128, high: v128): void {
  store<f32>(y, f32x4.extract_lane(most, 0) + <f32>naturalLogarithm(f64x2.extract_lane(low, 0)))
  store<f32>(y, f32x4.extract_lane(most, 1) + <f32>naturalLogarithm(f64x2.extract_lane(low, 1)), 4)
  store<f32>(y, f32x4.extract_lane(most, 2) + <f32>naturalLogarithm(f64x2.extract_lane(high, 0)), 8)
  store<f32>(y, f32x4.extract_lane(most, 3) + <f32>naturalLogarithm(f64x2.extract_lane(high, 1)), 12)
}

/** The gradient at one place: (e^(x − sum) − uniform − own) · slope. */
// @inline
function slopeAt(x: usize, sum: f32, uniform: f32, own: f32, slope: f32): f32 {
  const e = f32x4.extract_lane(expAtMostZero(f32x4.splat(load<f32>(x) - sum)), 0)
  return (e - uniform - own) * slope
}

/**
 * y = (e^(x − sum) − uniform) · slope for each row, and `own` less before the product at the row's label. y may be x. Units
 * are rows.
 * @param sums from logSumExp @param slopes, labels one a row
 */
export function crossEntropySlope(
  x: usize,
  sums: usize,
  slopes: usize,
  labels: usize,
  uniform: f32,
  own: f32,
  y: usize,
  count: u32,
  begin: u32,
  end: u32,
): void {
  const row = (<usize>count) << 2
  for (let r = begin; r < end; r++) {
    const at = (<usize>r) << 2
    const sum = load<f32>(sums + at)
    const slope = load<f32>(slopes + at)
    const label = (<usize>load<u32>(labels + at)) << 2
    let from = x + <usize>r * row
    let to = y + <usize>r * row
    const special = slopeAt(from + label, sum, uniform, own, slope)
    const place = to + label
    const end = to + row
    for (const whole = end - 12; to < whole; to += 16) {
      v128.store(to, four(v128.load(from), f32x4.splat(sum), f32x4.splat(uniform), f32x4.splat(slope)))
      from += 16
    }
    for (; to < end; to += 4) {
      store<f32>(to, slopeAt(from, sum, uniform, 0, slope))
      from += 4
    }
    store<f32>(place, special)
  }
}

// @inline
function four(x: v128, sum: v128, uniform: v128, slope: v128): v128 {
  return f32x4.mul(f32x4.sub(expAtMostZero(f32x4.sub(x, sum)), uniform), slope)
}

/**
 * The same of panels. Units are panels.
 * @param rows in all: what lies beyond may be anything
 * @param special a number for each lane, which is written and read again
 */
export function crossEntropySlopeLanes(
  x: usize,
  sums: usize,
  slopes: usize,
  labels: usize,
  uniform: f32,
  own: f32,
  y: usize,
  columns: u32,
  rows: u32,
  special: usize,
  begin: u32,
  end: u32,
): void {
  const size = (<usize>columns) << 6
  const uniforms = f32x4.splat(uniform)
  for (let p = begin; p < end; p++) {
    const panel = x + <usize>p * size
    const result = y + <usize>p * size
    const count = min<u32>(16, rows - p * 16)
    const first = (<usize>p) << 6
    for (let lane: usize = 0; lane < (<usize>count) << 2; lane += 4) {
      const at = first + lane
      const place = panel + ((<usize>load<u32>(labels + at)) << 6) + lane
      store<f32>(special + at, slopeAt(place, load<f32>(sums + at), uniform, own, load<f32>(slopes + at)))
    }
    slopesOfPanel(panel, sums + first, slopes + first, uniforms, result, size)
    for (let lane: usize = 0; lane < (<usize>count) << 2; lane += 4)
      store<f32>(result + ((<usize>load<u32>(labels + first + lane)) << 6) + lane, load<f32>(special + first + lane))
  }
}

function slopesOfPanel(x: usize, sums: usize, slopes: usize, uniform: v128, y: usize, size: usize): void {
  const a = v128.load(sums)
  const b = v128.load(sums, 16)
  const c = v128.load(sums, 32)
  const d = v128.load(sums, 48)
  const e = v128.load(slopes)
  const f = v128.load(slopes, 16)
  const g = v128.load(slopes, 32)
  const h = v128.load(slopes, 48)
  for (const end = y + size; y < end; y += 64) {
    v128.store(y, four(v128.load(x), a, uniform, e))
    v128.store(y, four(v128.load(x, 16), b, uniform, f), 16)
    v128.store(y, four(v128.load(x, 32), c, uniform, g), 32)
    v128.store(y, four(v128.load(x, 48), d, uniform, h), 48)
    x += 64
  }
}

/** y[column] = the sum over all rows of panels. Units are sixteen columns. */
export function sumLanes(x: usize, y: usize, columns: u32, rows: u32, begin: u32, end: u32): void {
  const size = (<usize>columns) << 6
  const last = min<u32>(columns, end << 4)
  let c = begin << 4
  for (; c + 4 <= last; c += 4) sumFourColumns(x + ((<usize>c) << 6), size, rows, y + ((<usize>c) << 2))
  for (; c < last; c++) {
    const at = x + ((<usize>c) << 6)
    let sums = f64x2.splat(0)
    for (let p: u32 = 0; p < rows >> 4; p++) sums = addLanes(sums, at + <usize>p * size)
    store<f32>(y + ((<usize>c) << 2), total(sums, at, size, rows))
  }
}

/** Four columns at once: they lie side by side. */
function sumFourColumns(x: usize, size: usize, rows: u32, y: usize): void {
  let a = f64x2.splat(0)
  let b = a
  let c = a
  let d = a
  let at = x
  for (let p: u32 = 0; p < rows >> 4; p++) {
    a = addLanes(a, at)
    b = addLanes(b, at + 64)
    c = addLanes(c, at + 128)
    d = addLanes(d, at + 192)
    at += size
  }
  store<f32>(y, total(a, x, size, rows))
  store<f32>(y, total(b, x + 64, size, rows), 4)
  store<f32>(y, total(c, x + 128, size, rows), 8)
  store<f32>(y, total(d, x + 192, size, rows), 12)
}

// @inline
function addLanes(sums: v128, x: usize): v128 {
  const low = f32x4.add(v128.load(x), v128.load(x, 16))
  return f64x2.add(sums, sum4Double(f32x4.add(low, f32x4.add(v128.load(x, 32), v128.load(x, 48)))))
}

/** Two sums and what the last panel has, as far as it has rows. */
function total(sums: v128, x: usize, size: usize, rows: u32): f32 {
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
  const at = x + <usize>(rows >> 4) * size
  for (let i: u32 = 0; i < (rows & 15); i++) sum += <f64>load<f32>(at + ((<usize>i) << 2))
  return <f32>sum
}
