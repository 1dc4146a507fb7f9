/** The most probable tokens of a row, and their log probabilities. */
import { exp4, sum4 } from './simd'

/** e to this is below the rounding error of a sum that begins with 1. */
const LEAST: f32 = -87

/**
 * @param logits f32[vocabulary]
 * @param count candidates, at most the vocabulary
 * @param ids i32[count], scores f32[count]: written, most probable first; of equal ones the one with the lower id first
 */
export function topTokens(logits: usize, vocabulary: u32, count: u32, ids: usize, scores: usize): void {
  memory.fill(ids, 0, (<usize>count) << 2)
  for (let i: u32 = 0; i < count; i++) store<f32>(scores + ((<usize>i) << 2), -Infinity)
  let worst: f32 = -Infinity
  let v: u32 = 0
  for (; v + 8 <= vocabulary; v += 8) {
    const at = logits + ((<usize>v) << 2)
    const bound = f32x4.splat(worst)
    const higher = v128.or(f32x4.gt(v128.load(at), bound), f32x4.gt(v128.load(at, 16), bound))
    if (!v128.any_true(higher)) continue
    for (let i: u32 = v; i < v + 8; i++) {
      const score = load<f32>(logits + ((<usize>i) << 2))
      if (score > worst) worst = insert(scores, ids, count, score, i)
    }
  }
  for (; v < vocabulary; v++) {
    const score = load<f32>(logits + ((<usize>v) << 2))
    if (score > worst) worst = insert(scores, ids, count, score, v)
  }
  const largest = load<f32>(scores)
  const least = f32x4.splat(LEAST)
  const shift = f32x4.splat(largest)
  let a = f32x4.splat(0),
    b = a
  for (v = 0; v + 8 <= vocabulary; v += 8) {
    const at = logits + ((<usize>v) << 2)
    a = f32x4.add(a, exp4(f32x4.pmax(f32x4.sub(v128.load(at), shift), least)))
    b = f32x4.add(b, exp4(f32x4.pmax(f32x4.sub(v128.load(at, 16), shift), least)))
  }
  let sum = sum4(f32x4.add(a, b))
  for (; v < vocabulary; v++) {
    const score = load<f32>(logits + ((<usize>v) << 2)) - largest
    sum += f32x4.extract_lane(exp4(f32x4.splat(max<f32>(LEAST, score))), 0)
  }
  const log = largest + <f32>logarithm(sum)
  for (let i: u32 = 0; i < count; i++) {
    const at = scores + ((<usize>i) << 2)
    store<f32>(at, min<f32>(0, load<f32>(at) - log))
  }
}

/** Inserts a token among the best. @returns the score that another has to exceed */
function insert(scores: usize, ids: usize, count: u32, score: f32, id: u32): f32 {
  let place = (<usize>count - 1) << 2
  for (; place > 0 && load<f32>(scores + place - 4) < score; place -= 4) {
    store<f32>(scores + place, load<f32>(scores + place - 4))
    store<u32>(ids + place, load<u32>(ids + place - 4))
  }
  store<f32>(scores + place, score)
  store<u32>(ids + place, id)
  return load<f32>(scores + ((<usize>count - 1) << 2))
}

/** ln x for x of at least 1: of the exponent, and of the mantissa m by a series in (m − 1) / (m + 1). */
function logarithm(x: f32): f64 {
  if (x != x) return x
  const bits = reinterpret<u64>(<f64>x)
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
