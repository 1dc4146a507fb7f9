/** LSTM cells. */
import { clamp4, exp4, TANH_END, tanh4 } from './simd'

/** Beyond this, a gate is 0 or 1 up to 1e-13. */
const GATE_END: f32 = 30

/**
 * c ← σ(f) c + σ(i) tanh(g), h ← σ(o) tanh(c), for gates [i, f, g, o] of `units` each. Four units are computed at a time:
 * z is read beyond its units, and c and h are overwritten beyond theirs.
 * @param z rows of gates, `stride` bytes from one to the next; c and h: rows, `stateStride` apart
 * @param mask 0, or i32[rows]: where it is 0, c and h are kept
 */
export function lstmCell(
  z: usize,
  stride: usize,
  c: usize,
  h: usize,
  stateStride: usize,
  units: u32,
  rows: u32,
  mask: usize,
): void {
  for (let r: u32 = 0; r < rows; r++) {
    if (mask == 0 || load<i32>(mask + ((<usize>r) << 2)) != 0) cellRow(z, c, h, (<usize>units) << 2)
    z += stride
    c += stateStride
    h += stateStride
  }
}

/**
 * With E = 1 + e⁻ˣ of a gate and G = e²ᵍ: σ(i) tanh(g) = (G − 1) / (Eᵢ (G + 1)) and σ(f) c = c / E_f, so that their sum
 * takes one division instead of three. Clamping keeps the products within the range of a float.
 */
function cellRow(z: usize, c: usize, h: usize, gate: usize): void {
  const one = f32x4.splat(1)
  for (let at: usize = 0; at < gate; at += 16) {
    const input = opening(v128.load(z + at))
    const forget = opening(v128.load(z + at + gate))
    const g = v128.load(z + at + 2 * gate)
    const candidate = exp4(clamp4(f32x4.add(g, g), -2 * TANH_END, 2 * TANH_END))
    const share = f32x4.mul(input, f32x4.add(candidate, one))
    const cell = f32x4.div(
      f32x4.add(f32x4.mul(v128.load(c + at), share), f32x4.mul(f32x4.sub(candidate, one), forget)),
      f32x4.mul(forget, share),
    )
    v128.store(c + at, cell)
    const seen = exp4(clamp4(f32x4.add(cell, cell), -2 * TANH_END, 2 * TANH_END))
    const output = f32x4.mul(opening(v128.load(z + at + 3 * gate)), f32x4.add(seen, one))
    v128.store(h + at, f32x4.div(f32x4.sub(seen, one), output))
  }
}

/** 1 + e⁻ˣ = 1 / σ(x) */
// @inline
function opening(x: v128): v128 {
  return f32x4.add(f32x4.splat(1), exp4(clamp4(f32x4.neg(x), -GATE_END, GATE_END)))
}

/** x ← tanh x, a multiple of four numbers. */
export function tanhAll(x: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16) v128.store(x, tanh4(v128.load(x)))
}
