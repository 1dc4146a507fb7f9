/**
 * Functions number by number. An operand of two is read with a step of 0 (one number for a whole row) or 4 bytes, and has
 * a distance between rows, so that broadcasting over rows or columns takes one call.
 */
import { exp4, sigmoid4, tanh4 } from './simd'

/** Rows are divided into units of so many numbers, the last of each row shorter. */
export const UNIT: u32 = 1024

export const ADD: u32 = 0
export const SUB: u32 = 1
export const MUL: u32 = 2
export const DIV: u32 = 3
export const MAXIMUM: u32 = 4
export const MINIMUM: u32 = 5

// @inline
function two(op: u32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b)
  if (op == SUB) return f32x4.sub(a, b)
  if (op == MUL) return f32x4.mul(a, b)
  if (op == DIV) return f32x4.div(a, b)
  if (op == MAXIMUM) return f32x4.max(a, b)
  return f32x4.min(a, b)
}

// @inline
function rowOfTwo(op: u32, a: usize, aStep: usize, b: usize, bStep: usize, y: usize, count: u32): void {
  const end = y + ((<usize>count) << 2)
  const whole = end - 12
  if (aStep != 0 && bStep != 0)
    for (; y < whole; y += 16) {
      v128.store(y, two(op, v128.load(a), v128.load(b)))
      a += 16
      b += 16
    }
  else if (aStep != 0) {
    const right = v128.load32_splat(b)
    for (; y < whole; y += 16) {
      v128.store(y, two(op, v128.load(a), right))
      a += 16
    }
  } else {
    const left = v128.load32_splat(a)
    for (; y < whole; y += 16) {
      v128.store(y, two(op, left, v128.load(b)))
      b += bStep << 2
    }
  }
  for (; y < end; y += 4) {
    v128.store32_lane(y, two(op, v128.load32_splat(a), v128.load32_splat(b)), 0)
    a += aStep
    b += bStep
  }
}

/**
 * y = a op b for rows of numbers; y may be a or b where they have as many numbers. If neither operand has a step, a row's
 * numbers are all the same. Units are those of the rows, one row after the other.
 */
export function binary(
  op: u32,
  a: usize,
  aStep: usize,
  aRow: usize,
  b: usize,
  bStep: usize,
  bRow: usize,
  y: usize,
  count: u32,
  begin: u32,
  end: u32,
): void {
  const across = (count + UNIT - 1) / UNIT
  for (let u = begin; u < end; u++) {
    const r = u / across
    const first = (u - r * across) * UNIT
    const left = a + <usize>r * aRow + <usize>first * aStep
    const right = b + <usize>r * bRow + <usize>first * bStep
    const to = y + ((<usize>r * <usize>count + first) << 2)
    const size = min<u32>(UNIT, count - first)
    if (op == ADD) rowOfTwo(ADD, left, aStep, right, bStep, to, size)
    else if (op == SUB) rowOfTwo(SUB, left, aStep, right, bStep, to, size)
    else if (op == MUL) rowOfTwo(MUL, left, aStep, right, bStep, to, size)
    else if (op == DIV) rowOfTwo(DIV, left, aStep, right, bStep, to, size)
    else if (op == MAXIMUM) rowOfTwo(MAXIMUM, left, aStep, right, bStep, to, size)
    else rowOfTwo(MINIMUM, left, aStep, right, bStep, to, size)
  }
}

export const NEG: u32 = 0
export const EXP: u32 = 1
export const SQRT: u32 = 2
export const TANH: u32 = 3
export const ABS: u32 = 4
export const SIGMOID: u32 = 5

// @inline
function one(op: u32, x: v128): v128 {
  if (op == NEG) return f32x4.neg(x)
  if (op == EXP) return exp4(x)
  if (op == SQRT) return f32x4.sqrt(x)
  if (op == TANH) return tanh4(x)
  if (op == ABS) return f32x4.abs(x)
  return sigmoid4(x)
}

// @inline
function rowOfOne(op: u32, x: usize, y: usize, count: u32): void {
  const end = y + ((<usize>count) << 2)
  for (const whole = end - 12; y < whole; y += 16) {
    v128.store(y, one(op, v128.load(x)))
    x += 16
  }
  for (; y < end; y += 4) {
    v128.store32_lane(y, one(op, v128.load32_splat(x)), 0)
    x += 4
  }
}

/** y = op(x) for the units of one row; y may be x. */
export function unary(op: u32, x: usize, y: usize, count: u32, begin: u32, end: u32): void {
  const first = begin * UNIT
  x += (<usize>first) << 2
  y += (<usize>first) << 2
  const size = min<u32>(count, end * UNIT) - first
  if (op == NEG) rowOfOne(NEG, x, y, size)
  else if (op == EXP) rowOfOne(EXP, x, y, size)
  else if (op == SQRT) rowOfOne(SQRT, x, y, size)
  else if (op == TANH) rowOfOne(TANH, x, y, size)
  else if (op == ABS) rowOfOne(ABS, x, y, size)
  else rowOfOne(SIGMOID, x, y, size)
}
