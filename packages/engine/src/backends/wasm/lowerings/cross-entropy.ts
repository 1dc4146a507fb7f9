/**
 * Cross-entropy: −log of the softmax at a label, and its gradient. Log probabilities are never made where logits are known:
 * of each row of them the logarithm of the sum of exponentials is enough.
 */
import * as operators from '../../../graph/operators/indexing.ts'
import type { Node, Tensor } from '../../../graph/tensor.ts'
import { LANES, panelBuffer, panelsFor, rowsOf } from '../panels.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { asking, type Lowering } from './lowering.ts'
import { floats, readIndices } from './reading.ts'

interface Smoothed {
  readonly smoothing: number
}

/** Numbers of which log probabilities are a row's distance: logits, or log probabilities themselves. */
interface Scores {
  readonly tensor: Tensor
  /** How they lie: float32 as they were computed, other types as rows. */
  readonly value: Value
  /** What to take from each row; undefined for nothing. */
  readonly shifts: Value | undefined
}

function scoresOf(scope: Scope, { inputs: [logs] }: Node): Scores {
  const known = logs.node.operator === operators.logSoftmaxPassthroughOperator && logs.dtype === 'float32'
  if (!known) return { tensor: logs, value: scope.value(logs), shifts: undefined }
  const [tensor] = logs.node.inputs
  return { tensor, value: scope.asComputed(tensor), shifts: logSumExp(scope, tensor) }
}

/** The logarithm of the sum of exponentials of each row of logits. */
function logSumExp(scope: Scope, logits: Tensor): Value {
  return scope.derived(logits, 'log of sum of exponentials', owner => {
    const x = owner.asComputed(logits)
    const { rows, columns } = rowsOf(x)
    const sums = owner.buffer('float32', [panelsFor(rows) * LANES])
    const [from, to] = [x.slot.index, sums.slot.index]
    const work = 18 * columns
    const run = x.inPanels
      ? (p: Pointers) => owner.kernels.divide('logSumExpLanes', panelsFor(rows), work * LANES, p[from], p[to], columns)
      : (p: Pointers) => owner.kernels.divide('logSumExp', rows, work, p[from], p[to], columns)
    owner.add(run, [x], [sums])
    return sums
  })
}

const negativeLogLikelihood: Lowering<Smoothed> = (scope, _inputs, node) => {
  const labels = scope.value(node.inputs[1])
  const { tensor, value, shifts } = scoresOf(scope, node)
  const { columns } = rowsOf(value)
  const { smoothing } = node.attributes
  // Smoothed losses are looked at, seldom: all numbers of a row are added up here.
  const whole = smoothing === 0 ? undefined : scope.value(tensor)
  const output = scope.output(node)
  const run = (p: Pointers) => {
    const [from, to] = [value, output].map(x => floats(scope, p, x.inPanels ? padded(x) : x))
    const row = whole && floats(scope, p, whole)
    const shift = shifts && floats(scope, p, shifts)
    readIndices(scope, p, labels, columns).forEach((label, i) => {
      const at = value.inPanels ? placeInPanels(i, label, columns) : i * columns + label
      const off = shift ? shift[i] : 0
      to[i] = -(1 - smoothing) * (from[at] - off)
      if (!row) return
      let total = 0
      for (let k = 0; k < columns; k++) total += row[i * columns + k] - off
      to[i] -= (smoothing / columns) * total
    })
  }
  const read = [value, whole, shifts, labels].filter(x => x !== undefined)
  scope.add(run, read, [output])
  return [output]
}

const placeInPanels = (row: number, column: number, columns: number) =>
  (Math.floor(row / LANES) * columns + column) * LANES + (row % LANES)

/** All numbers of panels, padding included. */
function padded(x: Value): Value {
  const { rows, columns } = rowsOf(x)
  return { ...x, size: panelsFor(rows) * columns * LANES }
}

const slope: Lowering<Smoothed> = (scope, _inputs, node) => {
  const [, labels, slopes] = node.inputs.map((x, i) => (i === 0 ? undefined : scope.value(x)))
  if (!labels || !slopes) throw new Error('a cross-entropy has labels and a cotangent')
  const { smoothing } = node.attributes
  if (node.outputs[0].dtype !== 'float32') return [plainSlope(scope, node, labels, slopes, smoothing)]
  const { value, shifts } = scoresOf(scope, node)
  const { rows, columns } = rowsOf(value)
  const output = value.inPanels ? panelBuffer(scope, value.shape) : scope.output(node)
  const places = scope.buffer('int32', [rows])
  const special = scope.buffer('float32', [rows])
  const sums = shifts ?? zeros(scope, rows)
  const [x, y, k, s, g, t] = [value, output, places, sums, slopes, special].map(({ slot }) => slot.index)
  const [uniform, own] = [smoothing / columns, 1 - smoothing]
  const work = 26 * columns
  const run = (p: Pointers) => {
    scope.memory.write(p[k], readIndices(scope, p, labels, columns))
    const operands = [p[x], p[s], p[g], p[k], uniform, own, p[y]] as const
    const { kernels } = scope
    if (!value.inPanels) kernels.divide('crossEntropySlope', rows, work, ...operands, columns)
    else
      kernels.divide(
        ...(['crossEntropySlopeLanes', panelsFor(rows), LANES * work] as const),
        ...([...operands, columns, rows, p[t]] as const),
      )
  }
  scope.add(run, [value, sums, labels, slopes], [output, places, special], [value])
  return [output]
}

function zeros(scope: Scope, rows: number): Value {
  const value = scope.buffer('float32', [rows])
  scope.add(p => floats(scope, p, value).fill(0), [], [value])
  return value
}

/** (e^log − smoothing / V − (1 − smoothing at the label)) · slope, for any type of floats. */
function plainSlope(scope: Scope, node: Node, labels: Value, slopes: Value, smoothing: number): Value {
  const logs = scope.value(node.inputs[0])
  const output = scope.output(node)
  const { columns } = rowsOf(logs)
  const run = (p: Pointers) => {
    const [from, g, to] = [logs, slopes, output].map(x => floats(scope, p, x))
    readIndices(scope, p, labels, columns).forEach((label, i) => {
      for (let k = 0; k < columns; k++) {
        const own = k === label ? 1 - smoothing : 0
        to[i * columns + k] = (Math.exp(from[i * columns + k]) - smoothing / columns - own) * g[i]
      }
    })
  }
  scope.add(run, [logs, labels, slopes], [output], [logs])
  return output
}

export const crossEntropyLowerings = [
  asking(operators.nllFromLogSoftmaxOperator, negativeLogLikelihood),
  asking(operators.crossEntropySlopeOperator, slope),
]
