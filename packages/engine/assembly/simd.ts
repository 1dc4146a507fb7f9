/** Functions of four floats at once that several kernels share. */

/** a · b + c: rounded once with relaxed SIMD, else twice. */
// @inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** 1.5 · 2²³: added to a number between −2²² and 2²², it leaves the nearest integer in the lowest bits of the sum. */
// @inline
const ROUNDER: f32 = 12582912

/** Below it eˣ is 0 here, above the other it is infinite. */
// @inline
const LEAST: f32 = -87.3
// @inline
const MOST: f32 = 88.7

/** log₂ e */
// @inline
const LOG2E: f32 = 1.4426950408889634

/**
 * eˣ for x between the bounds: 2ᵏ · eᶠ, |f| ≤ ln 2 / 2, by a polynomial of degree 6, fitted for the least relative error of
 * those that begin with 1 + f. The logarithm of 2 is taken in two parts, so that f keeps its digits where x is large.
 */
// @inline
function expWithinBounds(bounded: v128): v128 {
  const whole = madd(bounded, f32x4.splat(LOG2E), f32x4.splat(ROUNDER))
  const k = f32x4.sub(whole, f32x4.splat(ROUNDER))
  const f = madd(k, f32x4.splat(2.1219444e-4), madd(k, f32x4.splat(-0.693359375), bounded))
  let p = madd(f32x4.splat(1.3814610478461832e-3), f, f32x4.splat(8.368711128164093e-3))
  p = madd(p, f, f32x4.splat(4.1668387489359276e-2))
  p = madd(p, f, f32x4.splat(0.1666652067909335))
  p = madd(p, f, f32x4.splat(0.4999999345097713))
  p = madd(p, f, f32x4.splat(1))
  p = madd(p, f, f32x4.splat(1))
  // The shift drops all bits of the sum but those of k.
  return i32x4.add(p, i32x4.shl(whole, 23))
}

/** eˣ, relative error below 1.2e-7. NaN stays NaN. */
// @inline
export function exp4(x: v128): v128 {
  // Where x is below the lower bound the result is wrong, and dropped.
  const result = expWithinBounds(f32x4.pmin(x, f32x4.splat(MOST)))
  const above = v128.and(f32x4.gt(x, f32x4.splat(MOST)), f32x4.splat(Infinity))
  return v128.andnot(f32x4.pmax(result, above), f32x4.lt(x, f32x4.splat(LEAST)))
}

/** The same for x that is at most 0, up to rounding; below the least number that is not 0 here, it is the least result. */
// @inline
export function expAtMostZero(x: v128): v128 {
  return expWithinBounds(f32x4.pmax(x, f32x4.splat(LEAST)))
}

/** 2ˣ for x between −125 and 125, by a polynomial as that of eˣ. */
// @inline
function power4(x: v128): v128 {
  const whole = f32x4.add(x, f32x4.splat(ROUNDER))
  const f = f32x4.sub(x, f32x4.sub(whole, f32x4.splat(ROUNDER)))
  let p = madd(f32x4.splat(1.5353361942196993e-4), f, f32x4.splat(1.3398874403675576e-3))
  p = madd(p, f, f32x4.splat(9.618437357455507e-3))
  p = madd(p, f, f32x4.splat(5.550332471158808e-2))
  p = madd(p, f, f32x4.splat(0.24022647913631945))
  p = madd(p, f, f32x4.splat(0.6931472028550454))
  p = madd(p, f, f32x4.splat(1))
  return i32x4.add(p, i32x4.shl(whole, 23))
}

// @inline
function bounded4(x: v128, most: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(-most)), f32x4.splat(most))
}

/** (e²ˣ − 1) / (e²ˣ + 1); beyond ±10 it is ±1 to the last bit. */
// @inline
export function tanh4(x: v128): v128 {
  const e = power4(bounded4(f32x4.mul(x, f32x4.splat(2 * LOG2E)), 29))
  const one = f32x4.splat(1)
  return f32x4.div(f32x4.sub(e, one), f32x4.add(e, one))
}

/** 1 / (1 + e⁻ˣ) */
// @inline
export function sigmoid4(x: v128): v128 {
  const e = power4(bounded4(f32x4.mul(x, f32x4.splat(-LOG2E)), 125))
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), e))
}

// @inline
export function sum4(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
}

/** The sums of four vectors, each one's in a lane. */
// @inline
export function total4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23),
    i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31),
  )
  const cd = f32x4.add(
    i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23),
    i8x16.shuffle(c, d, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31),
  )
  // a0 + a2, b0 + b2, a1 + a3, b1 + b3, and the same of c and d.
  return f32x4.add(
    i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(ab, cd, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  )
}

/** The sum of four floats in double precision. */
// @inline
export function sum4Double(x: v128): v128 {
  const high = i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
  return f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(high))
}

/** Stores four vectors as the columns of four that lie `step` bytes apart. */
// @inline
export function transposed4(a: v128, b: v128, c: v128, d: v128, to: usize, step: usize): void {
  const ab = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
  const cd = i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
  const ba = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
  const dc = i8x16.shuffle(c, d, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
  v128.store(to, i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23))
  v128.store(to + step, i8x16.shuffle(ab, cd, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
  v128.store(to + 2 * step, i8x16.shuffle(ba, dc, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23))
  v128.store(to + 3 * step, i8x16.shuffle(ba, dc, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
}
