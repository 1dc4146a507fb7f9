/** Rows and numbers that are looked up by indices, or added to. */
import * as operators from '../../../graph/operators/indexing.ts'
import type { Node } from '../../../graph/tensor.ts'
import { sizeOf } from '../../arrays.ts'
import { unitsOf } from '../kernels.ts'
import { BYTES } from '../memory.ts'
import type { Pointers, Scope, Value } from '../scope.ts'
import { entry, type Lowering } from './lowering.ts'
import { floats, readIndices } from './reading.ts'
import { normalisation } from './reduction.ts'
import { addSampledRows, gatherSparse } from './sparse.ts'

const gather: Lowering = (scope, [table, indices], node) => {
  if (table.pattern) return [gatherSparse(scope, node, table, indices)]
  const output = scope.output(node)
  const row = sizeOf(table.shape.slice(1)) * BYTES[table.dtype]
  scope.add(
    p => {
      const from = p[table.slot.index]
      let to = p[output.slot.index]
      for (const index of readIndices(scope, p, indices, table.shape[0])) {
        scope.kernels.copyRows(from + index * row, row, to, row, row, 0, 1)
        to += row
      }
    },
    [table, indices],
    [output],
  )
  return [output]
}

const scatterAdd: Lowering = (scope, [indices, rows], node) => {
  const output = scope.output(node)
  if (output.pattern) {
    addSampledRows(scope, node, indices, rows, output)
    return [output]
  }
  const width = sizeOf(output.shape.slice(1))
  scope.add(
    p => {
      const to = floats(scope, p, output)
      to.fill(0)
      const places = readIndices(scope, p, indices, output.shape[0])
      if (rows.dtype === 'float32') addRowsByKernel(scope, p, rows, output, places, 4 * width)
      else {
        const from = floats(scope, p, rows)
        places.forEach((place, i) => {
          for (let k = 0; k < width; k++) to[place * width + k] += from[i * width + k]
        })
      }
    },
    [indices, rows],
    [output],
  )
  return [output]
}

function addRowsByKernel(
  scope: Scope,
  p: Pointers,
  rows: Value,
  output: Value,
  places: Int32Array,
  bytes: number,
): void {
  const { kernels } = scope
  const units = unitsOf(1, bytes / 4)
  let from = p[rows.slot.index]
  for (const place of places) {
    const to = p[output.slot.index] + place * bytes
    kernels.binary(0, to, 4, 0, from, 4, 0, to, bytes / 4, 0, units)
    from += bytes
  }
}

const takeAlongLast: Lowering = (scope, [x, indices], node) => {
  const output = scope.output(node)
  const width = x.shape[x.shape.length - 1]
  scope.add(
    p => {
      const [from, to] = [floats(scope, p, x), floats(scope, p, output)]
      readIndices(scope, p, indices, width).forEach((index, i) => {
        to[i] = from[i * width + index]
      })
    },
    [x, indices],
    [output],
  )
  return [output]
}

const scatterAddLast: Lowering = (scope, [x, indices, values], node) => {
  const output = scope.output(node)
  const width = x.shape[x.shape.length - 1]
  const bytes = x.size * BYTES[x.dtype]
  scope.add(
    p => {
      const [from, to] = [p[x.slot.index], p[output.slot.index]]
      if (from !== to) scope.kernels.copyRows(from, bytes, to, bytes, bytes, 0, 1)
      const [added, result] = [floats(scope, p, values), floats(scope, p, output)]
      readIndices(scope, p, indices, width).forEach((index, i) => {
        result[i * width + index] += added[i]
      })
    },
    [x, indices, values],
    [output],
    [x],
  )
  return [output]
}

/** The count is read when the plan is made: shapes depend on it. */
const topK: Lowering = (scope, [x], node: Node) => {
  const outputs = [scope.output(node, 0), scope.output(node, 1)]
  const width = x.shape[x.shape.length - 1]
  const count = outputs[0].shape[x.shape.length - 1]
  scope.add(
    p => {
      const from = floats(scope, p, x)
      const values = floats(scope, p, outputs[0])
      const places = scope.memory.view('int64', p[outputs[1].slot.index], outputs[1].size) as BigInt64Array
      for (let r = 0; r * width < x.size; r++) {
        const row = from.subarray(r * width, (r + 1) * width)
        const order = Array.from(row.keys()).sort((a, b) => row[b] - row[a] || a - b)
        for (let i = 0; i < count; i++) {
          values[r * count + i] = row[order[i]]
          places[r * count + i] = BigInt(order[i])
        }
      }
    },
    [x],
    outputs,
  )
  return outputs
}

export const indexingLowerings = [
  entry(operators.gatherOperator, gather),
  entry(operators.scatterAddOperator, scatterAdd),
  entry(operators.takeAlongLastOperator, takeAlongLast),
  entry(operators.scatterAddLastOperator, scatterAddLast),
  entry(operators.logSoftmaxPassthroughOperator, normalisation('logSoftmax')),
  entry(operators.topKOperator, topK),
]
