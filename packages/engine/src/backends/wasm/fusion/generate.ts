/**
 * Writes the function of an expression: a nest of loops over [outer][middle][inner], of which the inner one takes four
 * numbers at a time. The function takes a pointer to a block of 32-bit integers, and the range of the outer loop:
 *
 *   middle, inner, total; for each operand and then each destination: pointer, outer stride, middle stride; constants
 *
 * Strides are in bytes. An operand that is splat has one number for a whole inner row; in the others neighbours lie side by
 * side. One long row may be divided, too: `inner` is cut where the outer loop would go beyond `total` numbers.
 * All operands of a place are read before anything is written there, so that a destination may lie where an operand does.
 */
import { CODE, type FunctionCode, I32, SIMD, unsigned, vector } from './encoder.ts'
import { evaluate, LANE_BYTES, read, write } from './evaluate.ts'
import type { Expression, LaneType } from './expression.ts'
import { FunctionBuilder, get } from './functions.ts'

/** The parameters of a fused function. */
const [BLOCK, BEGIN, END] = [0, 1, 2]
export const PARAMETERS = 3
/** Integers at the beginning of a block, and those of each array. */
export const HEADER = 3
export const FIELDS = 3

const integer = (value: number): number[] => [CODE.constant, value]
/** An integer of the block. */
const field = (index: number): number[] => [...get(BLOCK), CODE.load, 2, ...unsigned(4 * index)]

/** One array of the nest: where its row and its place in the row are. */
interface Walked {
  readonly type: LaneType
  readonly splat: boolean
  readonly row: number
  readonly at: number
  readonly fields: number
}

export interface Generated extends FunctionCode {
  /** The bits of the constants that end its block. */
  readonly constants: readonly number[]
}

/** @param relaxed whether relaxed SIMD may be used */
export function generate(expression: Expression, relaxed: boolean): Generated {
  const to = new FunctionBuilder(PARAMETERS, relaxed)
  const loads = expression.instructions.filter(({ kind }) => kind === 'load')
  const arrays = [...loads, ...expression.stores].map((array, i): Walked => {
    const splat = 'splat' in array && array.splat
    return { type: array.type, splat, row: to.local(I32), at: to.local(I32), fields: HEADER + FIELDS * i }
  })
  const [operands, destinations] = [arrays.slice(0, loads.length), arrays.slice(loads.length)]
  const [count, middle, turns] = [to.local(I32), to.local(I32), to.local(I32)]

  const places = (single: boolean, splats: readonly (number[] | undefined)[]) => {
    const values = operands.map(({ at, type }, i) => splats[i] ?? to.keep(read(get(at), type, single)))
    const results = evaluate(to, expression, values)
    destinations.forEach(({ at, type }, i) => {
      to.emit(...write(get(at), results[expression.stores[i].value], type, single))
    })
    for (const { at, type, splat } of arrays) if (!splat) advance(to, at, integer((single ? 1 : 4) * LANE_BYTES[type]))
  }
  const row = () => {
    const splats = operands.map(({ splat, row, type }) => (splat ? to.keep(read(get(row), type, true)) : undefined))
    for (const { at, row, splat } of arrays) if (!splat) to.set(at, get(row))
    to.set(turns, [...get(count), ...integer(2), CODE.shiftRight])
    repeat(to, turns, () => places(false, splats))
    to.set(turns, [...get(count), ...integer(3), CODE.and])
    repeat(to, turns, () => places(true, splats))
    for (const { row, fields } of arrays) advance(to, row, field(fields + 2))
  }
  forRange(to, () => {
    to.set(count, [...field(2), ...get(BEGIN), ...field(1), CODE.mul, CODE.sub])
    const rest = [...get(count), ...field(1), ...get(count), ...field(1), CODE.less, CODE.select]
    to.set(count, rest)
    for (const { row, fields } of arrays)
      to.set(row, [...field(fields), ...get(BEGIN), ...field(fields + 1), CODE.mul, CODE.add])
    to.set(middle, field(0))
    repeat(to, middle, row)
  })
  const first = HEADER + FIELDS * arrays.length
  const reads = to.constants.flatMap(({ local }, i) => [
    ...get(BLOCK),
    ...vector(SIMD.load32Splat, 2, ...unsigned(4 * (first + i))),
    CODE.set,
    ...unsigned(local),
  ])
  const constants = to.constants.map(({ bits }) => bits)
  return { locals: to.locals, instructions: [...reads, ...to.instructions], constants }
}

function advance(to: FunctionBuilder, local: number, by: readonly number[]): void {
  to.set(local, [...get(local), ...by, CODE.add])
}

/** Repeats as often as a local says, which is counted down; never, if it is not above 0. */
function repeat(to: FunctionBuilder, turns: number, body: () => void): void {
  to.emit(...integer(0), ...get(turns), CODE.less, CODE.if, CODE.none, CODE.loop, CODE.none)
  body()
  to.set(turns, [...get(turns), ...integer(1), CODE.sub])
  to.emit(...get(turns), CODE.branchIf, 0, CODE.end, CODE.end)
}

/** The outer loop, from BEGIN up to END. */
function forRange(to: FunctionBuilder, body: () => void): void {
  to.emit(CODE.block, CODE.none, CODE.loop, CODE.none, ...get(BEGIN), ...get(END), CODE.atLeast, CODE.branchIf, 1)
  body()
  advance(to, BEGIN, integer(1))
  to.emit(CODE.branch, 0, CODE.end, CODE.end)
}
