import { describe, expect, it } from 'vitest'
import {
  abs,
  add,
  cast,
  concat,
  crossEntropy,
  div,
  exp,
  expand,
  fill,
  flatten,
  gather,
  gradients,
  greater,
  input,
  linear,
  log,
  logSoftmax,
  matmul,
  max,
  maximum,
  minimum,
  mul,
  neg,
  outerSum,
  type ProgramSource,
  scan,
  scatterAdd,
  scatterAddLast,
  sigmoid,
  softmax,
  split,
  sqrt,
  squeeze,
  sub,
  sum,
  sumSquare,
  type Tensor,
  takeAlongLast,
  tanh,
  topK,
  transpose,
  unflatten,
  unsqueeze,
  where,
} from '../src/index.ts'
import { checkGradients, type Operand } from './finite-differences.ts'
import { BACKENDS, compile as compileFor } from './support.ts'

const matrix: Operand = { shape: ['rows', 3], size: [2, 3] }
const positive: Operand = { ...matrix, low: 0.5, high: 2 }
const indices = input('indices', 'int64', ['rows'])
const rowIndices = { indices: { data: BigInt64Array.of(2n, 0n), shape: [2] } }
const table: [string, Operand[], (...x: Tensor[]) => Tensor | Tensor[]][] = [
  ['add, broadcast over rows', [matrix, { shape: [3] }], (a, b) => add(a, b)],
  ['add, broadcast over columns', [matrix, { shape: ['rows', 1], size: [2, 1] }], (a, b) => add(a, b)],
  ['sub', [matrix, { shape: [3] }], (a, b) => sub(a, b)],
  ['mul, broadcast', [matrix, { shape: ['rows', 1], size: [2, 1] }], (a, b) => mul(a, b)],
  ['div', [matrix, positive], (a, b) => div(a, b)],
  ['maximum', [matrix, matrix], (a, b) => maximum(a, mul(b, 2))],
  ['minimum', [matrix, matrix], (a, b) => minimum(a, mul(b, 2))],
  ['where', [matrix, matrix], (a, b) => where(greater(a, 0.1), mul(a, a), b)],
  ['cast between floats', [matrix], a => cast(mul(a, a), 'float64')],
  ['neg', [matrix], neg],
  ['exp', [matrix], exp],
  ['log', [positive], log],
  ['sqrt', [positive], sqrt],
  ['abs', [positive], abs],
  ['tanh', [matrix], tanh],
  ['sigmoid', [matrix], sigmoid],
  ['sum over one axis', [matrix], a => sum(a, [0])],
  ['sum, axis kept', [matrix], a => sum(a, [-1], true)],
  ['sumSquare', [matrix], sumSquare],
  ['softmax', [matrix], softmax],
  ['logSoftmax', [matrix], logSoftmax],
  ['transpose', [{ shape: [2, 3, 4] }], a => transpose(a, [2, 0, 1])],
  ['unsqueeze and squeeze', [matrix], a => squeeze(mul(unsqueeze(a, 1), 2), 1)],
  ['expand', [{ shape: [1, 3] }], a => expand(a, [4, 3])],
  ['split', [{ shape: [2, 5] }], a => split(a, 1, [2, 3])],
  ['split, one part used', [{ shape: [2, 5] }], a => split(a, 1, [2, 3])[1]],
  ['concat', [matrix, { shape: ['rows', 2], size: [2, 2] }], (a, b) => concat([a, b, a], 1)],
  ['matmul', [matrix, { shape: [3, 4] }], (a, b) => matmul(a, b)],
  ['matmul, a transposed', [{ shape: [3, 2] }, { shape: [3, 4] }], (a, b) => matmul(a, b, { a: true })],
  ['matmul, b transposed', [matrix, { shape: [4, 3] }], (a, b) => matmul(a, b, { b: true })],
  ['matmul, both transposed', [{ shape: [3, 2] }, { shape: [4, 3] }], (a, b) => matmul(a, b, { a: true, b: true })],
  ['matmul, one matrix for many', [{ shape: [2, 2, 3] }, { shape: [4, 3] }], (a, b) => matmul(a, b, { b: true })],
  ['matmul, batches', [{ shape: [2, 2, 3] }, { shape: [2, 3, 4] }], (a, b) => matmul(a, b)],
  ['matmul, batches, b transposed', [{ shape: [2, 2, 3] }, { shape: [2, 4, 3] }], (a, b) => matmul(a, b, { b: true })],
  ['matmul, batches, a transposed', [{ shape: [2, 3, 2] }, { shape: [2, 3, 4] }], (a, b) => matmul(a, b, { a: true })],
  ['outerSum', [{ shape: [2, 2, 3] }, { shape: [2, 2, 4] }], (a, b) => outerSum(a, b)],
  ['linear', [matrix, { shape: [4, 3] }, { shape: [4] }], (x, w, b) => linear(x, w, b)],
  ['linear, many rows', [{ shape: [2, 2, 3] }, { shape: [4, 3] }, { shape: [4] }], (x, w, b) => linear(x, w, b)],
  [
    'linear, rows scaled',
    [{ shape: [2, 2, 3] }, { shape: [4, 3] }, { shape: [4] }, { shape: [2, 2, 1] }],
    (x, w, b, s) => mul(linear(x, w, b), s),
  ],
  ['gather', [{ shape: [4, 3] }], a => gather(a, indices)],
  ['scatterAdd', [matrix], a => scatterAdd([4, 3], indices, a)],
  ['takeAlongLast', [matrix], a => takeAlongLast(a, indices)],
  ['scatterAddLast', [matrix, { shape: ['rows'], size: [2] }], (a, b) => scatterAddLast(a, indices, b)],
  ['crossEntropy', [matrix], a => crossEntropy(a, indices)],
  ['crossEntropy, smoothed', [matrix], a => crossEntropy(a, indices, 0.1)],
  [
    'crossEntropy, twice',
    [matrix],
    a => gradients(sum(crossEntropy(a, indices, 0.1)), [a]).filter(g => g !== undefined),
  ],
  [
    'flatten and unflatten',
    [{ shape: ['rows', 'columns', 2], size: [2, 3, 2] }],
    a => unflatten(mul(flatten(a, 0, 'all'), 2), 0, 'rows', 'columns'),
  ],
]

describe('gradients against finite differences', () => {
  it.each(table)('%s', (_name, operands, build) => {
    const needsIndices = ['gather', 'scatterAdd', 'takeAlongLast', 'scatterAddLast', 'crossEntropy'].some(name =>
      _name.startsWith(name),
    )
    return checkGradients(operands, build, needsIndices ? rowIndices : {})
  })
})

describe.each(BACKENDS)('values of %s', backend => {
  const compile = (source: ProgramSource) => compileFor(source, backend)
  const values = async (x: Tensor) => {
    const program = await compile({ outputs: { x } })
    return Array.from((await program.run()).x.data, Number)
  }
  const row = concat(
    [1, 3, 2].map(v => fill(v, [1], 'float32')),
    0,
  )

  it('adds rows that are gathered twice', async () => {
    const table = input('table', 'float32', [2, 2])
    const ids = input('ids', 'int32', [3])
    const program = await compile({ outputs: { y: scatterAdd([2, 2], ids, gather(table, ids)) } })
    const { y } = await program.run({
      table: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] },
      ids: { data: Int32Array.of(1, 1, 0), shape: [3] },
    })
    expect([...y.data]).toEqual([1, 2, 6, 8])
  })

  it('finds the largest', async () => {
    const [largest, places] = topK(row, input('count', 'int64', [1]))
    const program = await compile({ outputs: { largest, places } })
    const results = await program.run({ count: { data: BigInt64Array.of(2n), shape: [1] } })
    expect([...results.largest.data]).toEqual([3, 2])
    expect([...results.places.data]).toEqual([1n, 2n])
    expect(await values(max(row))).toEqual([3])
  })

  it('smooths labels as the mixed distribution says', async () => {
    const labels = cast(fill(1, [1], 'int32'), 'int64')
    const [plain, smoothed, logs] = await Promise.all(
      [crossEntropy(unsqueeze(row, 0), labels), crossEntropy(unsqueeze(row, 0), labels, 0.3), logSoftmax(row)].map(
        values,
      ),
    )
    const uniform = -logs.reduce((a, b) => a + b, 0) / 3
    expect(smoothed[0]).toBeCloseTo(0.7 * plain[0] + 0.3 * uniform, 5)
  })
})

describe('errors while tracing name operands and dimensions', () => {
  const a = input('a', 'float32', ['batch', 3])
  const b = input('b', 'float32', [4, 5])
  it.each([
    [() => matmul(a, b), /float32\[batch, 3\] and float32\[4, 5\].*inner dimension 3 against 4/],
    [() => add(a, b), /do not broadcast: dimension batch against 4/],
    [() => add(a, input('c', 'float64', [3])), /differ in type/],
    [() => split(b, 1, [2, 2]), /2 \+ 2 = 4 from axis 1 of float32\[4, 5\]/],
    [() => concat([a, b], 1), /differ beside axis 1/],
    [() => squeeze(b, 0), /is not 1/],
    [() => transpose(b, [0, 0]), /no order of the axes/],
    [() => scan([b], [a], ([h]) => ({ carries: [sum(h, [0])], outputs: [] })), /carried state 0 starts as/],
    [() => scan([], [a, b], () => ({ carries: [], outputs: [] })), /differ in their leading dimension/],
    [() => sum(a, [2]), /has no axis 2/],
  ])('%s', (build, message) => {
    expect(build).toThrow(message)
  })
})
