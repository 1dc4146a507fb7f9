/** Both backends compute the same in float32, for arrays of any size: kernels take several numbers at a time, and a rest. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ArrayValue,
  add,
  cast,
  concat,
  crossEntropy,
  div,
  exp,
  input,
  linear,
  log,
  logSoftmax,
  matmul,
  max,
  maximum,
  mul,
  outerSum,
  Random,
  sigmoid,
  softmax,
  split,
  sqrt,
  sub,
  sum,
  sumSquare,
  type Tensor,
  tanh,
  topK,
  transpose,
} from '../src/index.ts'
import { expectClose } from './finite-differences.ts'
import { BACKENDS, backendNamed, compile } from './support.ts'

/** Random numbers of this shape. */
function randomArray(seed: number, shape: number[], low = -3, high = 3): ArrayValue {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
  new Random(seed, 1).fillUniform(data, low, high)
  return { data, shape }
}

async function expectSame(outputs: Record<string, Tensor>, values: Record<string, ArrayValue>): Promise<void> {
  const [expected, found] = await Promise.all(
    BACKENDS.map(async backend => {
      await using program = await compile({ outputs }, backend)
      return program.run(values)
    }),
  )
  for (const name of Object.keys(outputs)) expectClose(found[name], expected[name], name)
}

const size = fc.integer({ min: 1, max: 21 })
const x = input('x', 'float32', ['batch', 'rows', 'columns'])

describe('memory of WebAssembly', () => {
  it('is not touched through an array that was released', async () => {
    const backend = await backendNamed('wasm')
    const w = input('w', 'float32', [2])
    await using program = await backend.compile({ outputs: { y: add(w, 1) }, updates: { v: w } })
    const array = () => backend.place({ data: Float32Array.of(1, 2), shape: [2] })
    const released = array()
    program.bind('w', array())
    program.bind('v', released)
    expect([...(await program.run()).y.data]).toEqual([2, 3])
    released.release()
    released.release()
    await expect(program.run()).rejects.toThrow('the array was released')
    await expect(released.read()).rejects.toThrow('the array was released')
    program.bind('v', array())
    expect([...(await program.run()).y.data]).toEqual([2, 3])
  })
})

describe('the backends agree', () => {
  it('on functions number by number and on reductions', () =>
    fc.assert(
      fc.asyncProperty(fc.tuple(size, size, size), fc.nat(), async ([batch, rows, columns], seed) => {
        const row = input('row', 'float32', ['columns'])
        const column = input('column', 'float32', ['batch', 'rows', 1])
        const outer = input('outer', 'float32', ['batch', 1, 'columns'])
        // Sums of numbers of both signs may be near zero, where neither backend has five digits left.
        const positive = sigmoid(x)
        const outputs = {
          sums: add(add(x, row), add(column, outer)),
          products: mul(mul(row, x), mul(outer, column)),
          quotients: div(sub(x, column), exp(row)),
          maxima: maximum(mul(x, 2), outer),
          functions: add(tanh(x), mul(sigmoid(x), log(sqrt(exp(x))))),
          softmax: softmax(x),
          logSoftmax: logSoftmax(x),
          total: sum(positive),
          columns: sum(positive, [0]),
          middle: sum(positive, [1]),
          ends: sum(positive, [0, 2]),
          last: sum(positive, [1, 2], true),
          greatest: max(x, [-1]),
          squares: sumSquare(x),
          transposed: transpose(x, [1, 0, 2]),
          turned: transpose(x, [2, 1, 0]),
        }
        await expectSame(outputs, {
          x: randomArray(seed, [batch, rows, columns]),
          row: randomArray(seed + 1, [columns]),
          column: randomArray(seed + 2, [batch, rows, 1]),
          outer: randomArray(seed + 3, [batch, 1, columns]),
        })
      }),
      { numRuns: 25, seed: 1 },
    ))

  it('on products of matrices', () =>
    fc.assert(
      fc.asyncProperty(fc.tuple(size, size, size, size), fc.nat(), async ([batch, rows, depth, columns], seed) => {
        const [a, w, b] = [
          input('a', 'float32', ['batch', 'rows', depth]),
          input('w', 'float32', [columns, depth]),
          input('b', 'float32', [columns]),
        ]
        const y = linear(a, w, b)
        const outputs = {
          y,
          product: matmul(a, w, { b: true }),
          back: matmul(y, w),
          batches: matmul(y, a, { a: true }),
          keys: matmul(a, a, { b: true }),
          sum: outerSum(y, a),
          weighted: outerSum(sum(sigmoid(a), [-1], true), sigmoid(a)),
        }
        await expectSame(outputs, {
          a: randomArray(seed, [batch, rows, depth], -0.2, 0.2),
          w: randomArray(seed + 1, [columns, depth], -0.2, 0.2),
          b: randomArray(seed + 2, [columns], -0.2, 0.2),
        })
      }),
      { numRuns: 25, seed: 2 },
    ))

  it('on cross-entropy of wide rows, and where rows hold great numbers', async () => {
    const logits = input('logits', 'float32', ['n', 203])
    const labels = input('labels', 'int64', ['n'])
    const outputs = {
      loss: crossEntropy(logits, labels, 0.1),
      probabilities: softmax(logits),
      top: topK(logits, count)[0],
    }
    await expectSame(outputs, {
      logits: randomArray(3, [5, 203], -80, 80),
      labels: { data: BigInt64Array.of(0n, 202n, 7n, 100n, 3n), shape: [5] },
      count: { data: BigInt64Array.of(4n), shape: [1] },
    })
  })

  it('on what is out of a float’s range', async () => {
    const z = input('z', 'float32', [8])
    const outputs = { e: exp(z), t: tanh(z), s: sigmoid(z), l: log(z), r: sqrt(z), n: max(z, [0]) }
    const values = {
      z: { data: Float32Array.of(-1000, 1000, -Infinity, Infinity, Number.NaN, 0, -90, 89), shape: [8] },
    }
    const [expected, found] = await Promise.all(
      BACKENDS.map(async backend => (await compile({ outputs }, backend)).run(values)),
    )
    for (const name of ['e', 't', 's', 'l', 'r'])
      found[name].data.forEach((value, i) => {
        const other = Number(expected[name].data[i])
        if (Number.isFinite(other)) expect(Number(value), `${name} ${i}`).toBeCloseTo(other, 5)
        else expect(value, `${name} ${i}`).toBe(other)
      })
    expect(found.n.data[0]).toBeNaN()
  })

  it('on whole numbers', async () => {
    const [i, j] = [input('i', 'int64', [4]), input('j', 'int64', [4])]
    const small = cast(i, 'int32')
    const [first, second] = split(i, 0, [1, 3])
    const outputs = {
      a: add(i, j),
      b: mul(sub(i, j), i),
      c: div(j, i),
      d: maximum(i, j),
      e: div(small, cast(j, 'int32')),
      f: cast(i, 'bool'),
      g: concat([second, first], 0),
      h: sum(i, [0]),
      k: cast(i, 'float64'),
    }
    await expectSame(outputs, {
      i: { data: BigInt64Array.of(7n, -7n, 3n, 9007199254n), shape: [4] },
      j: { data: BigInt64Array.of(2n, 2n, -5n, 4n), shape: [4] },
    })
  })
})

const count = input('count', 'int64', [1])
