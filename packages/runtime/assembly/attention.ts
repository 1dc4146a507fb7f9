/** Global attention of one decoder row over the positions of its sentence. All arrays are rows of f32. */
import { exp4, madd, sum4, tanh4 } from './simd'

/**
 * Weights softmax(score) and the context Σ weight · state.
 * @param query [n], what the keys [positions, n] are compared with; n a multiple of four
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
  for (let s: u32 = 0; s < positions; s++) {
    const key = keys + <usize>s * size
    let sum = f32x4.splat(0)
    if (vector == 0) {
      for (let at: usize = 0; at < size; at += 16) sum = madd(v128.load(query + at), v128.load(key + at), sum)
    } else {
      for (let at: usize = 0; at < size; at += 16)
        sum = madd(tanh4(f32x4.add(v128.load(query + at), v128.load(key + at))), v128.load(vector + at), sum)
    }
    const score = sum4(sum)
    store<f32>(weights + ((<usize>s) << 2), score)
    largest = max(largest, score)
  }
  let total: f32 = 0
  for (let s: u32 = 0; s < positions; s++) {
    const at = weights + ((<usize>s) << 2)
    const e = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(at) - largest)), 0)
    store<f32>(at, e)
    total += e
  }
  memory.fill(context, 0, size)
  for (let s: u32 = 0; s < positions; s++) {
    const share = load<f32>(weights + ((<usize>s) << 2)) / total
    store<f32>(weights + ((<usize>s) << 2), share)
    const w = f32x4.splat(share)
    const state = states + <usize>s * size
    for (let at: usize = 0; at < size; at += 16)
      v128.store(context + at, madd(w, v128.load(state + at), v128.load(context + at)))
  }
}
