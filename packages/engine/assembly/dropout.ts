/** Dropout masks, drawn as src/graph/random.ts draws them, four counters at a time. */
import { transposed4 } from './simd'

/** The last step of a round: x1 rotated, exclusive or x0. */
// @inline
function mixed(x1: v128, bits: i32, x0: v128): v128 {
  return v128.xor(v128.or(i32x4.shl(x1, bits), i32x4.shr_u(x1, 32 - bits)), x0)
}

/** The second words of the last {@link draw}. */
let second: v128 = i32x4.splat(0)

/** Threefry-2x32-13 of four counters (c0, c1) under a key: the first words. */
// @inline
function draw(k0: u32, k1: u32, c0: u32, c1: v128): v128 {
  const k2 = 0x1bd11bda ^ k0 ^ k1
  let x0 = i32x4.splat(c0 + k0)
  let x1 = i32x4.add(c1, i32x4.splat(k1))
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 13, x0)
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 15, x0)
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 26, x0)
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 6, x0)
  x0 = i32x4.add(x0, i32x4.splat(k1))
  x1 = i32x4.add(x1, i32x4.splat(k2 + 1))
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 17, x0)
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 29, x0)
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 16, x0)
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 24, x0)
  x0 = i32x4.add(x0, i32x4.splat(k2))
  x1 = i32x4.add(x1, i32x4.splat(k0 + 2))
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 13, x0)
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 15, x0)
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 26, x0)
  x0 = i32x4.add(x0, x1)
  x1 = mixed(x1, 6, x0)
  x0 = i32x4.add(x0, i32x4.splat(k0))
  x1 = i32x4.add(x1, i32x4.splat(k1 + 3))
  x0 = i32x4.add(x0, x1)
  second = mixed(x1, 17, x0)
  return x0
}

/** Numbers of a unit: sixteen, of four counters. */
export const DRAWN: u32 = 16

/**
 * y[count] = 0 with a probability of threshold / 2¹⁶, else `keep`, drawn from (seed, stream, step). A counter gives four
 * numbers of 16 bits; what is left of an array whose size is no multiple of four has one number of each word.
 */
export function dropoutMask(
  y: usize,
  count: u32,
  seed: u32,
  stream: u32,
  step: u32,
  threshold: u32,
  keep: f32,
  begin: u32,
  end: u32,
): void {
  const least = i32x4.splat(threshold)
  const kept = f32x4.splat(keep)
  const low = i32x4.splat(0xffff)
  for (let u = begin; u < end; u++) {
    const first = u * DRAWN
    const to = y + ((<usize>first) << 2)
    if (first + DRAWN > count) {
      drawRest(y, first, count, seed, stream, step, threshold, keep)
      return
    }
    const words = draw(seed, stream, step, i32x4.add(i32x4.splat(u << 2), i32x4(0, 1, 2, 3)))
    transposed4(
      v128.and(kept, i32x4.ge_s(v128.and(words, low), least)),
      v128.and(kept, i32x4.ge_s(i32x4.shr_u(words, 16), least)),
      v128.and(kept, i32x4.ge_s(v128.and(second, low), least)),
      v128.and(kept, i32x4.ge_s(i32x4.shr_u(second, 16), least)),
      to,
      16,
    )
  }
}

function drawRest(
  y: usize,
  first: u32,
  count: u32,
  seed: u32,
  stream: u32,
  step: u32,
  threshold: u32,
  keep: f32,
): void {
  const whole = count & ~3
  for (let i = first; i < count; i++) {
    // Behind the last four numbers each word gives one number, its upper half.
    const rest = i >= whole
    const counter = rest ? (whole >> 2) + ((i - whole) >> 1) : i >> 2
    const words = draw(seed, stream, step, i32x4.splat(counter))
    const word = <u32>(
      ((rest ? (i - whole) & 1 : (i >> 1) & 1) ? i32x4.extract_lane(second, 0) : i32x4.extract_lane(words, 0))
    )
    const drawn = rest || i & 1 ? word >> 16 : word & 0xffff
    store<f32>(y + ((<usize>i) << 2), drawn < threshold ? 0 : keep)
  }
}
