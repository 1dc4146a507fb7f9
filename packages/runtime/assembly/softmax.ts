/** The most probable tokens of each lane, and their log probabilities. */
import { exp4, sum4 } from './simd'

/**
 * @param logits [vocabulary][lanes]
 * @param count candidates of each lane, at most the vocabulary
 * @param ids i32 [lanes][count], scores f32 [lanes][count]: written, most probable first, of equal ones the first
 */
export function topTokens(logits: usize, vocabulary: u32, lanes: u32, count: u32, ids: usize, scores: usize): void {
  const row = (<usize>lanes) << 2
  const list = (<usize>count) << 2
  memory.fill(ids, 0, <usize>lanes * list)
  for (let at: usize = 0; at < <usize>lanes * list; at += 4) store<f32>(scores + at, -Infinity)
  if (lanes == 1) return topOfRow(logits, vocabulary, count, ids, scores)
  for (let lane: u32 = 0; lane < lanes; lane += 4) {
    const first = logits + ((<usize>lane) << 2)
    const best = scores + <usize>lane * list
    const tokens = ids + <usize>lane * list
    let worst = f32x4.splat(-Infinity)
    let at = first
    for (let v: u32 = 0; v < vocabulary; v++) {
      const x = v128.load(at)
      at += row
      const higher = f32x4.gt(x, worst)
      if (!v128.any_true(higher)) continue
      const which = i32x4.bitmask(higher)
      if (which & 1) worst = f32x4.replace_lane(worst, 0, insert(best, tokens, count, f32x4.extract_lane(x, 0), v))
      if (which & 2)
        worst = f32x4.replace_lane(worst, 1, insert(best + list, tokens + list, count, f32x4.extract_lane(x, 1), v))
      if (which & 4)
        worst = f32x4.replace_lane(
          worst,
          2,
          insert(best + 2 * list, tokens + 2 * list, count, f32x4.extract_lane(x, 2), v),
        )
      if (which & 8)
        worst = f32x4.replace_lane(
          worst,
          3,
          insert(best + 3 * list, tokens + 3 * list, count, f32x4.extract_lane(x, 3), v),
        )
    }
    let largest = f32x4.splat(load<f32>(best))
    largest = f32x4.replace_lane(largest, 1, load<f32>(best + list))
    largest = f32x4.replace_lane(largest, 2, load<f32>(best + 2 * list))
    largest = f32x4.replace_lane(largest, 3, load<f32>(best + 3 * list))
    let a = f32x4.splat(0)
    let b = a
    at = first
    let v: u32 = 0
    for (; v + 2 <= vocabulary; v += 2) {
      a = f32x4.add(a, exp4(f32x4.sub(v128.load(at), largest)))
      b = f32x4.add(b, exp4(f32x4.sub(v128.load(at + row), largest)))
      at += row << 1
    }
    if (v < vocabulary) a = f32x4.add(a, exp4(f32x4.sub(v128.load(at), largest)))
    const sum = f32x4.add(a, b)
    normalize(best, count, f32x4.extract_lane(largest, 0), f32x4.extract_lane(sum, 0))
    normalize(best + list, count, f32x4.extract_lane(largest, 1), f32x4.extract_lane(sum, 1))
    normalize(best + 2 * list, count, f32x4.extract_lane(largest, 2), f32x4.extract_lane(sum, 2))
    normalize(best + 3 * list, count, f32x4.extract_lane(largest, 3), f32x4.extract_lane(sum, 3))
  }
}

/** The same of a single row, four tokens at a time. */
function topOfRow(logits: usize, vocabulary: u32, count: u32, ids: usize, scores: usize): void {
  let worst: f32 = -Infinity
  let v: u32 = 0
  for (; v + 4 <= vocabulary; v += 4) {
    const x = v128.load(logits + (<usize>v << 2))
    if (!v128.any_true(f32x4.gt(x, f32x4.splat(worst)))) continue
    for (let i: u32 = v; i < v + 4; i++) {
      const score = load<f32>(logits + (<usize>i << 2))
      if (score > worst) worst = insert(scores, ids, count, score, i)
    }
  }
  for (; v < vocabulary; v++) {
    const score = load<f32>(logits + (<usize>v << 2))
    if (score > worst) worst = insert(scores, ids, count, score, v)
  }
  const largest = load<f32>(scores)
  let a = f32x4.splat(0)
  for (v = 0; v + 4 <= vocabulary; v += 4)
    a = f32x4.add(a, exp4(f32x4.sub(v128.load(logits + (<usize>v << 2)), f32x4.splat(largest))))
  let sum = sum4(a)
  for (; v < vocabulary; v++)
    sum += f32x4.extract_lane(exp4(f32x4.splat(load<f32>(logits + (<usize>v << 2)) - largest)), 0)
  normalize(scores, count, largest, sum)
}

/** Puts a token where it belongs among the best. @returns the score that another has to exceed */
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

function normalize(scores: usize, count: u32, largest: f32, sum: f32): void {
  const log = largest + <f32>logarithm(sum)
  for (let i: u32 = 0; i < count; i++) {
    const at = scores + ((<usize>i) << 2)
    store<f32>(at, min<f32>(0, load<f32>(at) - log))
  }
}

/** ln x, x at least 1: the exponent, and a series in (m − 1) / (m + 1) of what is left of it. */
function logarithm(x: f32): f64 {
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
