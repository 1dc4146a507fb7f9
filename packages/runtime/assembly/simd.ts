/** What several kernels compute on four numbers at once. */

/** a · b + c: rounded once where the engine has relaxed SIMD, else twice. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** Added to a number between −2²² and 2²², it leaves the nearest whole number in the lowest bits of the sum. */
// @ts-ignore: decorator
@inline
export const WHOLE: f32 = 12582912

/**
 * eˣ of x between −87 and 88, relative error below 3e-7 · max(1, |x|): 2ᵏ · 2ᶠ, |f| ≤ ½, by the polynomial of degree 5 of
 * least relative error.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const t = f32x4.mul(x, f32x4.splat(1.4426950408889634))
  const whole = f32x4.add(t, f32x4.splat(WHOLE))
  const f = f32x4.sub(t, f32x4.sub(whole, f32x4.splat(WHOLE)))
  let p = f32x4.splat(1.3276471979e-03)
  p = madd(p, f, f32x4.splat(9.6755413342e-03))
  p = madd(p, f, f32x4.splat(5.5507132735e-02))
  p = madd(p, f, f32x4.splat(2.4022119724e-01))
  p = madd(p, f, f32x4.splat(6.9314696706e-01))
  p = madd(p, f, f32x4.splat(1.0000000717e+00))
  // Of the sum's bits only k's reach the exponent.
  return i32x4.add(p, i32x4.shl(whole, 23))
}

/** x, or the nearer of the limits; what is not a number stays so, for it tells of weights that are too great. */
// @ts-ignore: decorator
@inline
export function clamp4(x: v128, least: f32, most: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(least)), f32x4.splat(most))
}

/** Beyond it, tanh is ±1 to the last bit. */
// @ts-ignore: decorator
@inline
export const TANH_END: f32 = 10

/** (e²ˣ − 1) / (e²ˣ + 1) */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const e = exp4(clamp4(f32x4.add(x, x), -2 * TANH_END, 2 * TANH_END))
  const one = f32x4.splat(1)
  return f32x4.div(f32x4.sub(e, one), f32x4.add(e, one))
}

// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  )
}
