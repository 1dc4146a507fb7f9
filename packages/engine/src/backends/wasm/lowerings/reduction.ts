/** Sums, maxima and softmax. */
import * as operators from '../../../graph/operators/reduction.ts'
import { sizeOf } from '../../arrays.ts'
import { PART } from '../kernels.ts'
import { rowsOf } from '../panels.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { asking, entry, type Lowering } from './lowering.ts'
import { fillArray } from './source.ts'

interface Axes {
  readonly axes: readonly number[]
  readonly keep: boolean
}

/** Neighbouring axes that are reduced, between what lies before and behind them; undefined where they are no neighbours. */
function neighbours(shape: readonly number[], axes: readonly number[]) {
  const first = axes[0]
  if (axes.some((axis, i) => axis !== first + i)) return undefined
  return {
    outer: sizeOf(shape.slice(0, first)),
    reduced: sizeOf(shape.slice(first, first + axes.length)),
    inner: sizeOf(shape.slice(first + axes.length)),
  }
}

const sum: Lowering<Axes> = (scope, _inputs, node) => {
  const output = scope.output(node)
  const [operand] = node.inputs
  const computed = scope.asComputed(operand)
  if (computed.inPanels && node.attributes.axes.join() === [...Array(operand.rank - 1).keys()].join()) {
    sumRowsInPanels(scope, computed, output)
    return [output]
  }
  const x = scope.value(operand)
  // Of a sparse array all axes are summed, and there is one of kept numbers.
  const { axes, keep } = node.attributes
  const attributes = x.pattern ? { axes: [0], keep } : { axes, keep }
  const parts = neighbours(x.shape, attributes.axes)
  if (x.dtype !== 'float32' || !parts) reducePlainly(scope, x, output, attributes, 0, (a, b) => a + b)
  else if (parts.outer === 1 && parts.inner === 1) sumAll(scope, x, output, false)
  else {
    const { outer, reduced, inner } = parts
    const { kernels } = scope
    const [from, to] = [x.slot.index, output.slot.index]
    const run =
      inner === 1
        ? (p: Pointers) => kernels.divide('sumRows', outer, 4 * reduced, p[from], p[to], reduced)
        : (p: Pointers) => {
            for (let i = 0; i < outer; i++) {
              const [rows, sums] = [p[from] + 4 * i * reduced * inner, p[to] + 4 * i * inner]
              kernels.divide('sumColumns', Math.ceil(inner / 256), 1024 * reduced, rows, 0, sums, reduced, inner)
            }
          }
    scope.add(run, [x], [output])
  }
  return [output]
}

/** The sum of all rows. */
function sumRowsInPanels(scope: Scope, x: Value, output: Value): void {
  const { rows, columns } = rowsOf(x)
  const [from, to] = [x.slot.index, output.slot.index]
  const units = Math.ceil(columns / 16)
  scope.add(p => scope.kernels.divide('sumLanes', units, 64 * rows, p[from], p[to], columns, rows), [x], [output])
}

/** The sum of all numbers, or of their squares: in parts that do not depend on the threads, added in their order. */
function sumAll(scope: Scope, x: Value, output: Value, square: boolean): void {
  const count = Math.ceil(x.size / PART)
  const parts = scope.buffer('float64', [count])
  const [from, sums, to] = [x, parts, output].map(({ slot }) => slot.index)
  const run = (p: Pointers) => {
    scope.kernels.divide('sumParts', count, 4 * PART, square ? 1 : 0, p[from], x.size, p[sums])
    let total = 0
    for (const sum of scope.memory.view('float64', p[sums], count)) total += Number(sum)
    scope.memory.floats[p[to] >> 2] = total
  }
  scope.add(run, [x], [output, parts])
}

const max: Lowering<Axes> = (scope, [x], node) => {
  const output = scope.output(node)
  const least = x.dtype.startsWith('float') ? -Infinity : x.dtype === 'int32' ? -(2 ** 31) : -(2 ** 63)
  reducePlainly(scope, x, output, node.attributes, least, (a, b) => (a > b || Number.isNaN(a) ? a : b))
  return [output]
}

/** Reduces any axes of any type, number by number. */
function reducePlainly(
  scope: Scope,
  x: Value,
  output: Value,
  { axes }: Axes,
  start: number,
  f: (a: number, b: number) => number,
): void {
  // The strides of the result along the axes of the operand: 0 along those that are reduced.
  const strides: number[] = Array(x.shape.length).fill(0)
  let stride = 1
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    if (axes.includes(axis)) continue
    strides[axis] = stride
    stride *= x.shape[axis]
  }
  // Single numbers are rounded once, at the end.
  const sums = x.dtype === 'float32' ? new Float64Array(output.size) : undefined
  scope.add(
    p => {
      const from = scope.memory.view(x.dtype, p[x.slot.index], x.size) as Float64Array
      const result = scope.memory.view(x.dtype, p[output.slot.index], output.size)
      const to = sums ?? (result as Float64Array)
      fillArray(sums ?? result, start)
      let at = 0
      const visit = (axis: number, place: number) => {
        if (axis === x.shape.length) {
          to[place] = f(to[place], from[at++])
          return
        }
        for (let i = 0; i < x.shape[axis]; i++) visit(axis + 1, place + i * strides[axis])
      }
      visit(0, 0)
      if (sums) (result as Float32Array).set(sums)
    },
    [x],
    [output],
  )
}

const sumSquare: Lowering = (scope, [x], node) => {
  const output = scope.output(node)
  if (x.dtype === 'float32') {
    sumAll(scope, x, output, true)
    return [output]
  }
  const [from, to] = [x.slot.index, output.slot.index]
  const run = (p: Pointers) => {
    // Of any type of number; TypeScript cannot say so.
    const view = scope.memory.view(x.dtype, p[from], x.size) as Float64Array
    const result = scope.memory.view(x.dtype, p[to], 1) as Float64Array
    fillArray(result, 0)
    for (const value of view) result[0] += value * value
  }
  scope.add(run, [x], [output])
  return [output]
}

/** Softmax or its logarithm, over the last axis. */
export function normalisation(kernel: 'softmax' | 'logSoftmax'): Lowering {
  return (scope, [x], node) => {
    const output = scope.output(node)
    const columns = x.shape[x.shape.length - 1]
    const rows = columns === 0 ? 0 : x.size / columns
    const [from, to] = [x.slot.index, output.slot.index]
    const run =
      x.dtype === 'float32'
        ? (p: Pointers) => scope.kernels.divide(kernel, rows, 16 * columns, p[from], p[to], columns)
        : (p: Pointers) => {
            const whole = scope.memory.view('float64', p[from], x.size) as Float64Array
            const result = scope.memory.view('float64', p[to], x.size) as Float64Array
            for (let r = 0; r < rows; r++) {
              const row = whole.subarray(r * columns, (r + 1) * columns)
              const most = row.reduce((a, b) => Math.max(a, b), -Infinity)
              const log = most + Math.log(row.reduce((total, v) => total + Math.exp(v - most), 0))
              result.set(kernel === 'softmax' ? row.map(v => Math.exp(v - log)) : row.map(v => v - log), r * columns)
            }
          }
    scope.add(run, [x], [output], [x])
    return [output]
  }
}

export const reductionLowerings = [
  asking(operators.sumOperator, sum),
  entry(operators.maxOperator, max),
  entry(operators.sumSquareOperator, sumSquare),
  entry(operators.softmaxOperator, normalisation('softmax')),
  entry(operators.logSoftmaxOperator, normalisation('logSoftmax')),
]
