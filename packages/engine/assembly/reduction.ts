/** Sums in double precision, softmax and its logarithm. */
import { exp4, sum4Double } from './simd'

// @inline
function total(square: bool, x: usize, count: u32): f64 {
  let sum = f64x2.splat(0)
  const end = x + ((<usize>count) << 2)
  for (const whole = end - 12; x < whole; x += 16) {
    const v = v128.load(x)
    if (square) {
      const low = f64x2.promote_low_f32x4(v)
      const high = f64x2.promote_low_f32x4(
        i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
      )
      sum = f64x2.add(sum, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)))
    } else sum = f64x2.add(sum, sum4Double(v))
  }
  let result = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
  for (; x < end; x += 4) {
    const v = <f64>load<f32>(x)
    result += square ? v * v : v
  }
  return result
}

/** Numbers whose sum is taken by itself where all numbers of an array are summed; a sum of these sums is the whole. */
export const PART: u32 = 8192

/** sums[part] = the sum of the numbers of a part, or of their squares. Units are parts. */
export function sumParts(square: u32, x: usize, count: u32, sums: usize, begin: u32, end: u32): void {
  for (let part = begin; part < end; part++) {
    const first = part * PART
    const size = min<u32>(PART, count - first)
    const from = x + ((<usize>first) << 2)
    store<f64>(sums + ((<usize>part) << 3), square != 0 ? total(true, from, size) : total(false, from, size))
  }
}

/** y[row] = the sum of x[row, count]. Units are rows. */
export function sumRows(x: usize, y: usize, count: u32, begin: u32, end: u32): void {
  const row = (<usize>count) << 2
  for (let r = begin; r < end; r++) store<f32>(y + ((<usize>r) << 2), <f32>total(false, x + <usize>r * row, count))
}

/** The upper two of four floats, first. */
// @inline
function upper(x: v128): v128 {
  return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
}

/** The sum of the first two of four floats, times a weight, and a sum before it. */
// @inline
function addPair(weighs: bool, sum: v128, x: v128, weight: v128): v128 {
  const pair = f64x2.promote_low_f32x4(x)
  return f64x2.add(sum, weighs ? f64x2.mul(pair, weight) : pair)
}

// @inline
function storeSums(y: usize, low: v128, high: v128): void {
  const a = f32x4.demote_f64x2_zero(low)
  const b = f32x4.demote_f64x2_zero(high)
  v128.store(y, i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23))
}

/** Sixteen columns, a line of the cache. */
// @inline
function sumLine(weighs: bool, x: usize, weights: usize, y: usize, rows: u32, row: usize): void {
  let a = f64x2.splat(0)
  let b = f64x2.splat(0)
  let c = f64x2.splat(0)
  let d = f64x2.splat(0)
  let e = f64x2.splat(0)
  let f = f64x2.splat(0)
  let g = f64x2.splat(0)
  let h = f64x2.splat(0)
  for (let r: u32 = 0; r < rows; r++) {
    const weight = f64x2.splat(weighs ? <f64>load<f32>(weights + ((<usize>r) << 2)) : 1)
    const first = v128.load(x)
    a = addPair(weighs, a, first, weight)
    b = addPair(weighs, b, upper(first), weight)
    const second = v128.load(x, 16)
    c = addPair(weighs, c, second, weight)
    d = addPair(weighs, d, upper(second), weight)
    const third = v128.load(x, 32)
    e = addPair(weighs, e, third, weight)
    f = addPair(weighs, f, upper(third), weight)
    const fourth = v128.load(x, 48)
    g = addPair(weighs, g, fourth, weight)
    h = addPair(weighs, h, upper(fourth), weight)
    x += row
  }
  storeSums(y, a, b)
  storeSums(y + 16, c, d)
  storeSums(y + 32, e, f)
  storeSums(y + 48, g, h)
}

/**
 * y[count] = the sum of the rows of x[rows, count], each times its weight. Units are sixteen columns.
 * @param weights one for each row, or 0
 */
export function sumColumns(x: usize, weights: usize, y: usize, rows: u32, count: u32, begin: u32, end: u32): void {
  const row = (<usize>count) << 2
  const last = min<usize>(row, (<usize>end) << 6)
  let column = (<usize>begin) << 6
  for (; column + 64 <= last; column += 64)
    if (weights != 0) sumLine(true, x + column, weights, y + column, rows, row)
    else sumLine(false, x + column, 0, y + column, rows, row)
  for (; column < last; column += 4) {
    let sum: f64 = 0
    for (let r: u32 = 0; r < rows; r++) {
      const weight = weights != 0 ? <f64>load<f32>(weights + ((<usize>r) << 2)) : 1
      sum += <f64>load<f32>(x + column + <usize>r * row) * weight
    }
    store<f32>(y + column, <f32>sum)
  }
}

/** The greatest number of a row; NaN where there is one. */
function greatest(x: usize, count: u32): f32 {
  let best = f32x4.splat(-Infinity)
  const end = x + ((<usize>count) << 2)
  for (const whole = end - 12; x < whole; x += 16) best = f32x4.max(best, v128.load(x))
  let result = max<f32>(
    max<f32>(f32x4.extract_lane(best, 0), f32x4.extract_lane(best, 1)),
    max<f32>(f32x4.extract_lane(best, 2), f32x4.extract_lane(best, 3)),
  )
  for (; x < end; x += 4) result = max<f32>(result, load<f32>(x))
  return result
}

/** Softmax of rows; y may be x. Units are rows. */
export function softmax(x: usize, y: usize, count: u32, begin: u32, end: u32): void {
  const row = (<usize>count) << 2
  x += <usize>begin * row
  y += <usize>begin * row
  for (let r = begin; r < end; r++) {
    const sum = exponentials(x, y, greatest(x, count), count)
    const scale = <f32>(1 / sum)
    const scales = f32x4.splat(scale)
    let at = y
    const stop = y + row
    for (const whole = stop - 12; at < whole; at += 16) v128.store(at, f32x4.mul(v128.load(at), scales))
    for (; at < stop; at += 4) store<f32>(at, load<f32>(at) * scale)
    x += row
    y += row
  }
}

/** y = e^(x - shift), or nothing where y is 0. @returns its sum */
function exponentials(x: usize, y: usize, shift: f32, count: u32): f64 {
  const shifts = f32x4.splat(shift)
  let sums = f64x2.splat(0)
  const end = x + ((<usize>count) << 2)
  for (const whole = end - 12; x < whole; x += 16) {
    const e = exp4(f32x4.sub(v128.load(x), shifts))
    sums = f64x2.add(sums, sum4Double(e))
    if (y != 0) {
      v128.store(y, e)
      y += 16
    }
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
  for (; x < end; x += 4) {
    const e = exp4(f32x4.sub(v128.load32_splat(x), shifts))
    sum += <f64>f32x4.extract_lane(e, 0)
    if (y != 0) {
      v128.store32_lane(y, e, 0)
      y += 4
    }
  }
  return sum
}

/** The logarithm of the softmax of rows; y may be x. Units are rows. */
export function logSoftmax(x: usize, y: usize, count: u32, begin: u32, end: u32): void {
  const row = (<usize>count) << 2
  x += <usize>begin * row
  y += <usize>begin * row
  for (let r = begin; r < end; r++) {
    const most = greatest(x, count)
    const shift = most + <f32>naturalLogarithm(exponentials(x, 0, most, count))
    const shifts = f32x4.splat(shift)
    const stop = y + row
    for (const whole = stop - 12; y < whole; y += 16) {
      v128.store(y, f32x4.sub(v128.load(x), shifts))
      x += 16
    }
    for (; y < stop; y += 4) {
      store<f32>(y, load<f32>(x) - shift)
      x += 4
    }
  }
}

/** y = the natural logarithm of x; y may be x. Units are numbers. */
export function logarithm(x: usize, y: usize, begin: u32, end: u32): void {
  for (let i = (<usize>begin) << 2; i < (<usize>end) << 2; i += 4)
    store<f32>(y + i, <f32>naturalLogarithm(<f64>load<f32>(x + i)))
}

/**
 * ln x: of the exponent, and of the mantissa m by a series in (m − 1) / (m + 1), to 1e-10. The library's logarithm has a
 * table, which would lie in the memory of whoever calls.
 */
function naturalLogarithm(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN
  if (x == Infinity) return x
  const bits = reinterpret<u64>(x)
  let exponent = <i32>(bits >> 52) - 1023
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m *= 0.5
    exponent++
  }
  const t = (m - 1) / (m + 1)
  const s = t * t
  const series = 1 + s * (1.0 / 3 + s * (1.0 / 5 + s * (1.0 / 7 + s * (1.0 / 9 + s * (1.0 / 11)))))
  return 2 * t * series + <f64>exponent * 0.6931471805599453
}
