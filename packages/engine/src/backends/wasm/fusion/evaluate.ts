/** The operators of fused functions as vector instructions, and how vectors are read and written. */
import { SIMD, unsigned, vector } from './encoder.ts'
import type { Expression, LaneType } from './expression.ts'
import { apply, exponential, type FunctionBuilder, hyperbolicTangent, sigmoid, sign } from './functions.ts'

/** Bytes between neighbours in memory. */
export const LANE_BYTES: Record<LaneType, number> = { float32: 4, int32: 4, bool: 1 }

const access = (code: number, align: number, ...lane: number[]) => vector(code, align, ...unsigned(0), ...lane)
/** The same byte in all places of a vector. */
const bytes = (value: number) => vector(SIMD.constant, ...Array(16).fill(value))

/** Reads at a pointer: one number for all lanes, or four. */
export function read(pointer: number[], type: LaneType, single: boolean): number[] {
  if (type !== 'bool') return [...pointer, ...(single ? access(SIMD.load32Splat, 2) : access(SIMD.load, 2))]
  const packed = [...pointer, ...(single ? access(SIMD.load8Splat, 0) : access(SIMD.load32Zero, 0))]
  // A vector of bools is all zeros or all ones at each place.
  return apply(SIMD.i32NotEqual, [...packed, ...vector(SIMD.extendTo16), ...vector(SIMD.extendTo32)], bytes(0))
}

/** Writes four numbers, or the first of them alone. */
export function write(pointer: number[], value: number[], type: LaneType, single: boolean): number[] {
  if (type !== 'bool')
    return [...pointer, ...value, ...(single ? access(SIMD.store32Lane, 2, 0) : access(SIMD.store, 2))]
  const narrow = apply(SIMD.narrowTo8, apply(SIMD.narrowTo16, value, bytes(0)), bytes(0))
  const packed = apply(SIMD.and, narrow, bytes(1))
  return [...pointer, ...packed, ...(single ? access(SIMD.store8Lane, 0, 0) : access(SIMD.store32Lane, 0, 0))]
}

type Apply = (to: FunctionBuilder, ...operands: number[][]) => number[]
const one =
  (code: number): Apply =>
  (_, ...operands) =>
    apply(code, ...operands)

const FLOAT: Readonly<Record<string, Apply>> = {
  add: one(SIMD.add),
  sub: one(SIMD.sub),
  mul: one(SIMD.mul),
  div: one(SIMD.div),
  maximum: one(SIMD.max),
  minimum: one(SIMD.min),
  greater: one(SIMD.f32Greater),
  less: one(SIMD.f32Less),
  equal: one(SIMD.f32Equal),
  neg: one(SIMD.neg),
  abs: one(SIMD.abs),
  sqrt: one(SIMD.sqrt),
  exp: exponential,
  tanh: hyperbolicTangent,
  sigmoid,
  sign,
  where: (_, condition, a, b) => apply(SIMD.bitselect, a, b, condition),
  'to bool': (to, x) => apply(SIMD.f32NotEqual, x, to.splat(0)),
}
const INTEGER: Readonly<Record<string, Apply>> = {
  greater: one(SIMD.i32Greater),
  less: one(SIMD.i32Less),
  equal: one(SIMD.i32Equal),
  'to bool': (to, x) => apply(SIMD.i32NotEqual, x, to.bits(0)),
  'to float32': (_, x) => apply(SIMD.convert, x),
}
const BOOL: Readonly<Record<string, Apply>> = {
  'to float32': (to, x) => apply(SIMD.and, x, to.splat(1)),
}
const TABLES: Record<LaneType, Readonly<Record<string, Apply>>> = { float32: FLOAT, int32: INTEGER, bool: BOOL }

/** Whether there are instructions for an operator. @param name `to T` for casts @param type of the operands */
export function isKnown(name: string, type: string): type is LaneType {
  return Object.hasOwn(TABLES, type) && Object.hasOwn(TABLES[type as LaneType], name)
}

/**
 * Writes the instructions of an expression.
 * @param loads the operands
 * @returns the instructions that leave each result
 */
export function evaluate(to: FunctionBuilder, { instructions }: Expression, loads: readonly number[][]): number[][] {
  const results: number[][] = [...loads]
  for (const instruction of instructions.slice(loads.length)) {
    if (instruction.kind === 'constant')
      results.push(instruction.type === 'int32' ? to.bits(instruction.value) : to.splat(instruction.value))
    else if (instruction.kind === 'apply') {
      const operands = instruction.operands.map(i => results[i])
      results.push(to.keep(TABLES[instruction.type][instruction.operator](to, ...operands)))
    }
  }
  return results
}
