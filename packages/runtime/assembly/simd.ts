/** What several kernels compute on four numbers at once. */

/** a · b + c: rounded once where the engine has relaxed SIMD, else twice. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** eˣ, relative error below 3e-7 · max(1, |x|): 2ᵏ · 2ᶠ, |f| ≤ ½, by the polynomial of degree 5 of least relative error. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const t = f32x4.mul(f32x4.min(f32x4.max(x, f32x4.splat(-87)), f32x4.splat(88)), f32x4.splat(1.4426950408889634))
  const k = f32x4.nearest(t)
  const f = f32x4.sub(t, k)
  let p = f32x4.splat(1.3276471979e-03)
  p = madd(p, f, f32x4.splat(9.6755413342e-03))
  p = madd(p, f, f32x4.splat(5.5507132735e-02))
  p = madd(p, f, f32x4.splat(2.4022119724e-01))
  p = madd(p, f, f32x4.splat(6.9314696706e-01))
  p = madd(p, f, f32x4.splat(1.0000000717e+00))
  return i32x4.add(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(k), 23))
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))))
}

/** 1 − 2 / (1 + e²ˣ) */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(one, exp4(f32x4.add(x, x)))))
}

// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  )
}
