/** Functions of four floats at once that several kernels share. */

/** a · b + c: rounded once with relaxed SIMD, else twice. */
// @inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** 1.5 · 2²³: added to a number between −2²² and 2²², it leaves the nearest integer in the lowest bits of the sum. */
// @inline
export const ROUNDER: f32 = 12582912

/**
 * eˣ of x between −87 and 88, relative error below 3e-7 · max(1, |x|): 2ᵏ · 2ᶠ, |f| ≤ ½, by the polynomial of degree 5 of
 * least relative error.
 */
// @inline
export function exp4(x: v128): v128 {
  const t = f32x4.mul(x, f32x4.splat(1.4426950408889634))
  const whole = f32x4.add(t, f32x4.splat(ROUNDER))
  const f = f32x4.sub(t, f32x4.sub(whole, f32x4.splat(ROUNDER)))
  let p = f32x4.splat(1.3276471979e-3)
  p = madd(p, f, f32x4.splat(9.6755413342e-3))
  p = madd(p, f, f32x4.splat(5.5507132735e-2))
  p = madd(p, f, f32x4.splat(2.4022119724e-1))
  p = madd(p, f, f32x4.splat(6.9314696706e-1))
  p = madd(p, f, f32x4.splat(1.0000000717))
  // The shift drops all bits of the sum but those of k.
  return i32x4.add(p, i32x4.shl(whole, 23))
}

/** x between limits. NaN stays NaN: it shows that weights are too great. */
// @inline
export function clamp4(x: v128, least: f32, most: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(least)), f32x4.splat(most))
}

/** Beyond it, tanh is ±1 to the last bit. */
// @inline
export const TANH_END: f32 = 10

/** (e²ˣ − 1) / (e²ˣ + 1) */
// @inline
export function tanh4(x: v128): v128 {
  const e = exp4(clamp4(f32x4.add(x, x), -2 * TANH_END, 2 * TANH_END))
  const one = f32x4.splat(1)
  return f32x4.div(f32x4.sub(e, one), f32x4.add(e, one))
}

// @inline
export function sum4(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
}
