/** LSTM cells and the moving of lanes. */
import { madd, sigmoid4, tanh4 } from './simd'

/**
 * c ← σ(f) c + σ(i) tanh(g), h ← σ(o) tanh(c), for gates z [4 units][lanes] in the order i, f, g, o.
 * @param mask 0, or one i32 a lane: where it is 0, c and h stay as they are
 */
export function lstmCell(z: usize, c: usize, h: usize, units: u32, lanes: u32, mask: usize): void {
  const gate = (<usize>(units * lanes)) << 2
  if (lanes == 1) {
    if (mask == 0 || load<i32>(mask) != 0) cellRow(z, c, h, gate)
    return
  }
  for (let lane: u32 = 0; lane < lanes; lane += 4) {
    const kept = mask != 0 ? i32x4.ne(v128.load(mask + ((<usize>lane) << 2)), i32x4.splat(0)) : i32x4.splat(-1)
    let at = (<usize>lane) << 2
    for (let u: u32 = 0; u < units; u++) {
      const old = v128.load(c + at)
      const input = f32x4.mul(sigmoid4(v128.load(z + at)), tanh4(v128.load(z + at + 2 * gate)))
      const cell = madd(sigmoid4(v128.load(z + at + gate)), old, input)
      const output = f32x4.mul(sigmoid4(v128.load(z + at + 3 * gate)), tanh4(cell))
      v128.store(c + at, v128.bitselect(cell, old, kept))
      v128.store(h + at, v128.bitselect(output, v128.load(h + at), kept))
      at += (<usize>lanes) << 2
    }
  }
}

/** The same of a single row, four units at a time; there is room up to a multiple of four. */
function cellRow(z: usize, c: usize, h: usize, gate: usize): void {
  for (let at: usize = 0; at < gate; at += 16) {
    const input = f32x4.mul(sigmoid4(v128.load(z + at)), tanh4(v128.load(z + at + 2 * gate)))
    const cell = madd(sigmoid4(v128.load(z + at + gate)), v128.load(c + at), input)
    v128.store(c + at, cell)
    v128.store(h + at, f32x4.mul(sigmoid4(v128.load(z + at + 3 * gate)), tanh4(cell)))
  }
}

/** x ← tanh x, a multiple of four numbers. */
export function tanhAll(x: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16) v128.store(x, tanh4(v128.load(x)))
}

/** Copies the lane at `from` to the lane at `to`, feature by feature. A row by itself is a panel of one lane. */
export function copyLane(from: usize, fromLanes: u32, to: usize, toLanes: u32, features: u32): void {
  const fromStep = (<usize>fromLanes) << 2
  const toStep = (<usize>toLanes) << 2
  for (let f: u32 = 0; f < features; f++) {
    store<f32>(to, load<f32>(from))
    from += fromStep
    to += toStep
  }
}
