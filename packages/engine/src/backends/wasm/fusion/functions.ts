/** Functions of four floats at once, as instructions: the same formulas as assembly/simd.ts. */
import { CODE, SIMD, unsigned, V128, vector } from './encoder.ts'

/** Collects the instructions and locals of a function; expressions are the instructions that leave a vector. */
export class FunctionBuilder {
  readonly instructions: number[] = []
  /** Numbers that the function is given, and reads once: engines make a constant anew wherever it is used. */
  readonly constants: { readonly bits: number; readonly local: number }[] = []
  readonly #types: number[] = []

  /** @param parameters how many i32 the function takes @param relaxed whether there is relaxed SIMD */
  constructor(
    readonly parameters: number,
    readonly relaxed: boolean,
  ) {}

  local(type: number): number {
    return this.parameters + this.#types.push(type) - 1
  }

  get locals(): { count: number; type: number }[] {
    return this.#types.map(type => ({ count: 1, type }))
  }

  emit(...instructions: readonly number[]): void {
    this.instructions.push(...instructions)
  }

  set(local: number, value: readonly number[]): void {
    this.emit(...value, CODE.set, ...unsigned(local))
  }

  /** The same 32 bits in all places of a vector. */
  bits(bits: number): number[] {
    let known = this.constants.find(constant => constant.bits === bits)
    if (!known) {
      known = { bits, local: this.local(V128) }
      this.constants.push(known)
    }
    return get(known.local)
  }

  /** The same float in all places of a vector. */
  splat(value: number): number[] {
    return this.bits(new Int32Array(Float32Array.of(value).buffer)[0])
  }

  /** Computes a vector once. @returns the instructions that read it */
  keep(value: readonly number[]): number[] {
    const local = this.local(V128)
    this.set(local, value)
    return get(local)
  }
}

export const get = (local: number): number[] => [CODE.get, ...unsigned(local)]
export const apply = (code: number, ...operands: readonly number[][]): number[] => [...operands.flat(), ...vector(code)]

/** 1.5 · 2²³: added to a number between −2²² and 2²², it leaves the nearest integer in the lowest bits of the sum. */
const ROUNDER = 12582912
/** Below it eˣ is 0 here, above the other it is infinite. */
const LEAST = -87.3
const MOST = 88.7

/** a · b + c: rounded once with relaxed SIMD, else twice. */
export function madd(to: FunctionBuilder, a: number[], b: number[], c: number[]): number[] {
  return to.relaxed ? apply(SIMD.relaxedMadd, a, b, c) : apply(SIMD.add, apply(SIMD.mul, a, b), c)
}

/** Horner's rule. @param coefficients from the highest degree */
function polynomial(to: FunctionBuilder, x: number[], [first, ...coefficients]: readonly number[]): number[] {
  let p = to.splat(first)
  for (const coefficient of coefficients) p = madd(to, p, x, to.splat(coefficient))
  return p
}

/** 2ᵏ · p, for k in the lowest bits of `whole`: the shift drops all others. */
const scaled = (p: number[], whole: number[]) =>
  apply(SIMD.i32Add, p, [...whole, CODE.constant, 23, ...vector(SIMD.i32ShiftLeft)])

/** eˣ; NaN stays NaN. */
export function exponential(to: FunctionBuilder, x: number[]): number[] {
  const bounded = to.keep(apply(SIMD.pseudoMin, x, to.splat(MOST)))
  const whole = to.keep(madd(to, bounded, to.splat(Math.LOG2E), to.splat(ROUNDER)))
  const k = to.keep(apply(SIMD.sub, whole, to.splat(ROUNDER)))
  const high = to.keep(madd(to, k, to.splat(-0.693359375), bounded))
  const f = to.keep(madd(to, k, to.splat(2.1219444e-4), high))
  const p = polynomial(to, f, [
    ...[1.3814610478461832e-3, 8.368711128164093e-3, 4.1668387489359276e-2],
    ...[0.1666652067909335, 0.4999999345097713, 1, 1],
  ])
  const above = apply(SIMD.and, apply(SIMD.f32Greater, x, to.splat(MOST)), to.splat(Number.POSITIVE_INFINITY))
  const upper = apply(SIMD.pseudoMax, scaled(p, whole), above)
  return apply(SIMD.andNot, upper, apply(SIMD.f32Less, x, to.splat(LEAST)))
}

/** 2ˣ for x that is cut to be between −most and most, at most 125. */
function power(to: FunctionBuilder, x: number[], most: number): number[] {
  const bounded = to.keep(apply(SIMD.pseudoMin, apply(SIMD.pseudoMax, x, to.splat(-most)), to.splat(most)))
  const whole = to.keep(apply(SIMD.add, bounded, to.splat(ROUNDER)))
  const f = to.keep(apply(SIMD.sub, bounded, apply(SIMD.sub, whole, to.splat(ROUNDER))))
  const p = polynomial(to, f, [
    ...[1.5353361942196993e-4, 1.3398874403675576e-3, 9.618437357455507e-3, 5.550332471158808e-2],
    ...[0.24022647913631945, 0.6931472028550454, 1],
  ])
  return scaled(p, whole)
}

/** (e²ˣ − 1) / (e²ˣ + 1); beyond ±10 it is ±1 to the last bit. */
export function hyperbolicTangent(to: FunctionBuilder, x: number[]): number[] {
  const e = to.keep(power(to, apply(SIMD.mul, x, to.splat(2 * Math.LOG2E)), 29))
  return apply(SIMD.div, apply(SIMD.sub, e, to.splat(1)), apply(SIMD.add, e, to.splat(1)))
}

/** 1 / (1 + e⁻ˣ) */
export function sigmoid(to: FunctionBuilder, x: number[]): number[] {
  const e = power(to, apply(SIMD.mul, x, to.splat(-Math.LOG2E)), 125)
  return apply(SIMD.div, to.splat(1), apply(SIMD.add, to.splat(1), e))
}

/** −1, 0 or 1; 0 for NaN. */
export function sign(to: FunctionBuilder, x: number[]): number[] {
  const positive = apply(SIMD.and, apply(SIMD.f32Greater, x, to.splat(0)), to.splat(1))
  const negative = apply(SIMD.and, apply(SIMD.f32Less, x, to.splat(0)), to.splat(-1))
  return apply(SIMD.or, positive, negative)
}
