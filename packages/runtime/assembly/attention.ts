/** Global attention of one decoder row over the positions of its sentence. All arrays are rows of f32. */
import { clamp4, exp4, madd, sum4, tanh4 } from './simd'

/**
 * Computes the weights softmax(score) and the context Σ weight · state.
 * @param query [n]; keys [positions, n]
 * @param vector 0: a score is query · key; else [n], and it is vector · tanh(query + key)
 * @param states [positions, n]; weights [positions], context [n]: written
 */
export function attend(
  query: usize,
  keys: usize,
  states: usize,
  positions: u32,
  n: u32,
  vector: usize,
  weights: usize,
  context: usize,
): void {
  const size = (<usize>n) << 2
  let largest: f32 = -Infinity
  let key = keys
  for (let s: u32 = 0; s < positions; s++) {
    const score = vector == 0 ? product(query, key, size) : comparison(query, key, vector, size)
    key += size
    store<f32>(weights + ((<usize>s) << 2), score)
    largest = max(largest, score)
  }
  let total: f32 = 0
  for (let s: u32 = 0; s < positions; s++) {
    const at = weights + ((<usize>s) << 2)
    const e = f32x4.extract_lane(exp4(clamp4(f32x4.splat(load<f32>(at) - largest), -87, 0)), 0)
    store<f32>(at, e)
    total += e
  }
  for (let s: u32 = 0; s < positions; s++) {
    const at = weights + ((<usize>s) << 2)
    store<f32>(at, load<f32>(at) / total)
  }
  let at: usize = 0
  for (; at + 64 <= size; at += 64) {
    let a = f32x4.splat(0),
      b = a,
      c = a,
      d = a
    let state = states + at
    for (let s: u32 = 0; s < positions; s++) {
      const w = v128.load32_splat(weights + ((<usize>s) << 2))
      a = madd(w, v128.load(state), a)
      b = madd(w, v128.load(state, 16), b)
      c = madd(w, v128.load(state, 32), c)
      d = madd(w, v128.load(state, 48), d)
      state += size
    }
    v128.store(context + at, a)
    v128.store(context + at, b, 16)
    v128.store(context + at, c, 32)
    v128.store(context + at, d, 48)
  }
  for (; at < size; at += 4) {
    let sum: f32 = 0
    for (let s: u32 = 0; s < positions; s++)
      sum += load<f32>(weights + ((<usize>s) << 2)) * load<f32>(states + <usize>s * size + at)
    store<f32>(context + at, sum)
  }
}

/** Σ query · key */
function product(query: usize, key: usize, size: usize): f32 {
  let a = f32x4.splat(0),
    b = a,
    c = a,
    d = a
  let at: usize = 0
  for (; at + 64 <= size; at += 64) {
    a = madd(v128.load(query + at), v128.load(key + at), a)
    b = madd(v128.load(query + at, 16), v128.load(key + at, 16), b)
    c = madd(v128.load(query + at, 32), v128.load(key + at, 32), c)
    d = madd(v128.load(query + at, 48), v128.load(key + at, 48), d)
  }
  let sum = sum4(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)))
  for (; at < size; at += 4) sum += load<f32>(query + at) * load<f32>(key + at)
  return sum
}

/** Σ vector · tanh(query + key) */
function comparison(query: usize, key: usize, vector: usize, size: usize): f32 {
  let a = f32x4.splat(0)
  let at: usize = 0
  for (; at + 16 <= size; at += 16)
    a = madd(tanh4(f32x4.add(v128.load(query + at), v128.load(key + at))), v128.load(vector + at), a)
  let sum = sum4(a)
  for (; at < size; at += 4) {
    const x = f32x4.splat(load<f32>(query + at) + load<f32>(key + at))
    sum += f32x4.extract_lane(tanh4(x), 0) * load<f32>(vector + at)
  }
  return sum
}
