/** Sums in double precision, softmax and its logarithm. */
import { ownScratch } from './dense'
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

/** A sum, and the first two of four floats, times a weight. */
// @inline
function addPair(weighs: bool, sum: v128, x: v128, weight: v128): v128 {
  const pair = f64x2.promote_low_f32x4(x)
  return f64x2.add(sum, weighs ? f64x2.mul(pair, weight) : pair)
}

/** The weight of a row. */
// @inline
function weightAt(weighs: bool, weights: usize, row: u32): v128 {
  return f64x2.splat(weighs ? <f64>load<f32>(weights + ((<usize>row) << 2)) : 1)
}

/** Adds rows of `columns` numbers, whole vectors of them, to sums in double precision; four rows at a time. */
// @inline
function addRows(weighs: bool, x: usize, weights: usize, sums: usize, rows: u32, row: usize, columns: u32): void {
  let r: u32 = 0
  for (; r + 4 <= rows; r += 4) {
    const a = weightAt(weighs, weights, r)
    const b = weightAt(weighs, weights, r + 1)
    const c = weightAt(weighs, weights, r + 2)
    const d = weightAt(weighs, weights, r + 3)
    let from = x
    let to = sums
    for (const end = sums + ((<usize>columns) << 3); to < end; to += 32) {
      const first = v128.load(from)
      const second = v128.load(from + row)
      const third = v128.load(from + 2 * row)
      const fourth = v128.load(from + 3 * row)
      let low = addPair(weighs, addPair(weighs, v128.load(to), first, a), second, b)
      low = addPair(weighs, addPair(weighs, low, third, c), fourth, d)
      let high = addPair(weighs, addPair(weighs, v128.load(to, 16), upper(first), a), upper(second), b)
      high = addPair(weighs, addPair(weighs, high, upper(third), c), upper(fourth), d)
      v128.store(to, low)
      v128.store(to, high, 16)
      from += 16
    }
    x += 4 * row
  }
  for (; r < rows; r++) {
    const weight = weightAt(weighs, weights, r)
    let from = x
    let to = sums
    for (const end = sums + ((<usize>columns) << 3); to < end; to += 32) {
      const v = v128.load(from)
      v128.store(to, addPair(weighs, v128.load(to), v, weight))
      v128.store(to, addPair(weighs, v128.load(to, 16), upper(v), weight), 16)
      from += 16
    }
    x += row
  }
}

/** Columns of a unit of {@link sumColumns}. */
const COLUMNS: u32 = 256

/**
 * y[count] = the sum of the rows of x[rows, count], each times its weight. Units are 256 columns.
 * @param weights one for each row, or 0
 */
export function sumColumns(x: usize, weights: usize, y: usize, rows: u32, count: u32, begin: u32, end: u32): void {
  const row = (<usize>count) << 2
  const sums = ownScratch()
  const last = min<u32>(count, end * COLUMNS)
  for (let column = begin * COLUMNS; column < last; column += COLUMNS) {
    const width = min<u32>(COLUMNS, last - column)
    const whole = width & ~3
    const from = x + ((<usize>column) << 2)
    let to = y + ((<usize>column) << 2)
    memory.fill(sums, 0, (<usize>whole) << 3)
    if (weights != 0) addRows(true, from, weights, sums, rows, row, whole)
    else addRows(false, from, 0, sums, rows, row, whole)
    for (let i: u32 = 0; i < whole; i++) store<f32>(to + ((<usize>i) << 2), <f32>load<f64>(sums + ((<usize>i) << 3)))
    to += (<usize>whole) << 2
    for (let i = whole; i < width; i++) {
      let sum: f64 = 0
      for (let r: u32 = 0; r < rows; r++) {
        const weight = weights != 0 ? <f64>load<f32>(weights + ((<usize>r) << 2)) : 1
        sum += <f64>load<f32>(from + ((<usize>i) << 2) + <usize>r * row) * weight
      }
      store<f32>(to, <f32>sum)
      to += 4
    }
  }
}

/** The greatest number of a row; NaN where there is one. */
export function greatest(x: usize, count: u32): f32 {
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
export function exponentials(x: usize, y: usize, shift: f32, count: u32): f64 {
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
export function naturalLogarithm(x: f64): f64 {
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
