/** Kernels that are divided among threads: results are the same to the last bit with any number of them. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wasmBackend } from '../src/backends/wasm/index.ts'
import {
  type ArrayValue,
  add,
  type Backend,
  crossEntropy,
  div,
  dropoutMask,
  exp,
  gradients,
  input,
  linear,
  log,
  logSoftmax,
  matmul,
  mul,
  Random,
  type SparsePattern,
  scan,
  sigmoid,
  softmax,
  sparseInput,
  split,
  sqrt,
  sub,
  sum,
  sumSquare,
  type Tensor,
  tanh,
  transpose,
} from '../src/index.ts'

function randomArray(seed: number, shape: number[], pattern?: SparsePattern): ArrayValue {
  const data = new Float32Array(pattern ? pattern.columns.length * pattern.block[0] * pattern.block[1] : size(shape))
  new Random(seed, 1).fillUniform(data, -0.2, 0.2)
  return { data, shape, pattern }
}
const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1)

/** One weight in five. */
function randomPattern(seed: number, [rows, columns]: number[]): SparsePattern {
  const random = new Random(seed, 2)
  const starts = [0]
  const places: number[] = []
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) if (random.integer(5) === 0) places.push(c)
    starts.push(places.length)
  }
  return { block: [1, 1], starts: Int32Array.from(starts), columns: Int32Array.from(places) }
}

/** Runs what is given with 1, 2 and 3 threads. @returns digests of all that comes out */
async function digests(work: (backend: Backend) => Promise<Record<string, ArrayValue>>): Promise<object[]> {
  const found: object[] = []
  for (const threads of [1, 2, 3]) {
    await using backend = await wasmBackend({ threads })
    expect(backend.threads).toBe(threads)
    const results = Object.entries(await work(backend))
    found.push(
      Object.fromEntries(results.map(([name, { data }]) => [name, createHash('sha256').update(data).digest('hex')])),
    )
  }
  return found
}

const [TIME, BATCH, HIDDEN, WORDS] = [5, 48, 72, 301]

/** A step of training: an LSTM and a softmax, dropout, a clipped update. */
function trainingStep(sparse: boolean) {
  const shapes = { w: [4 * HIDDEN, HIDDEN], u: [4 * HIDDEN, HIDDEN], out: [WORDS, HIDDEN], b: [4 * HIDDEN] }
  const patterns = new Map(
    Object.entries(shapes).flatMap(([name, shape], i) =>
      sparse && name !== 'b' ? [[name, randomPattern(i, shape)]] : [],
    ),
  )
  const parameter = (name: keyof typeof shapes) => {
    const [rows, columns] = shapes[name]
    return patterns.has(name)
      ? sparseInput(name, 'float32', [rows, columns], { pattern: name, block: [1, 1] })
      : input(name, 'float32', shapes[name])
  }
  const [w, u, out, b] = [parameter('w'), parameter('u'), parameter('out'), parameter('b')]
  const x = mul(input('x', 'float32', [TIME, BATCH, HIDDEN]), dropoutMask([TIME, BATCH, HIDDEN], 0.2, 7))
  const labels = input('labels', 'int64', [TIME, BATCH])
  const zero = input('zero', 'float32', [BATCH, HIDDEN])
  const zeros = input('zeros', 'float32', [4 * HIDDEN])
  const { outputs } = scan([zero, zero], [x], ([h, c], [xt]) => {
    const [i, f, g, o] = split(add(linear(xt, w, b), linear(h, u, zeros)), 1, [HIDDEN, HIDDEN, HIDDEN, HIDDEN])
    const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
    const next = mul(sigmoid(o), tanh(cell))
    return { carries: [next, cell], outputs: [next] }
  })
  const logits = matmul(outputs[0], out, { b: true })
  const loss = sum(crossEntropy(logits, labels, 0.1))
  const parameters = { w, u, out, b }
  const slopes = gradients(loss, Object.values(parameters)).filter(slope => slope !== undefined)
  const norm = sqrt(slopes.map(g => sumSquare(g)).reduce((a, g) => add(a, g)))
  const updates: Record<string, Tensor> = {}
  Object.entries(parameters).forEach(([name, p], i) => {
    updates[name] = sub(p, div(slopes[i], norm))
  })
  return async (backend: Backend) => {
    await using program = await backend.compile({ outputs: { loss, norm }, updates })
    const arrays = Object.entries(shapes).map(([name, shape], i) => {
      const array = backend.place(randomArray(i, shape, patterns.get(name)))
      program.bind(name, array)
      return [name, array] as const
    })
    const values = {
      x: randomArray(9, [TIME, BATCH, HIDDEN]),
      labels: {
        data: BigInt64Array.from({ length: TIME * BATCH }, (_, i) => BigInt((i * 7) % WORDS)),
        shape: [TIME, BATCH],
      },
      zero: { data: new Float32Array(BATCH * HIDDEN), shape: [BATCH, HIDDEN] },
      zeros: { data: new Float32Array(4 * HIDDEN), shape: [4 * HIDDEN] },
    }
    const results: Record<string, ArrayValue> = {}
    for (let step = 1; step <= 3; step++) {
      const { loss, norm } = await program.run(values, { seed: 3, step })
      results[`loss ${step}`] = loss
      results[`norm ${step}`] = norm
    }
    for (const [name, array] of arrays) results[name] = { data: await array.read(), shape: array.shape }
    return results
  }
}

describe('with 1, 2 and 3 threads', () => {
  it.each([
    ['dense', false],
    ['sparse', true],
  ])('steps of training with %s weights are the same', async (_name, sparse) => {
    const [one, two, three] = await digests(trainingStep(sparse))
    expect(Object.keys(one)).toHaveLength(10)
    expect(two).toEqual(one)
    expect(three).toEqual(one)
  })

  it('large arrays have the same functions, sums and layouts', async () => {
    const shape = [37, 5, 1003]
    const [x, y] = [input('x', 'float32', shape), input('y', 'float32', [5, 1003])]
    const outputs = {
      sums: add(x, y),
      functions: mul(tanh(x), exp(sigmoid(x))),
      logs: log(exp(x)),
      softmax: softmax(x),
      logSoftmax: logSoftmax(x),
      total: sum(x),
      first: sum(x, [0]),
      last: sum(x, [2]),
      squares: sumSquare(x),
      transposed: transpose(x, [1, 0, 2]),
      each: matmul(x, x, { b: true }),
      mask: dropoutMask([37, 5, 1003], 0.3, 4),
    }
    const [one, two, three] = await digests(async backend => {
      await using program = await backend.compile({ outputs })
      return program.run({ x: randomArray(1, shape), y: randomArray(2, [5, 1003]) }, { seed: 1, step: 2 })
    })
    expect(two).toEqual(one)
    expect(three).toEqual(one)
  })

  it('a program that is run again and again gives the same each time, whichever thread was late', async () => {
    await using backend = await wasmBackend({ threads: 3 })
    const x = input('x', 'float32', [64, 64])
    const y = softmax(matmul(sigmoid(matmul(x, x)), x))
    await using program = await backend.compile({ outputs: { y } })
    const values = { x: randomArray(1, [64, 64]) }
    const expected = (await program.run(values)).y.data
    for (let i = 0; i < 100; i++) expect((await program.run(values)).y.data).toEqual(expected)
  })
})

describe('a dropout mask', () => {
  it('is the one that TypeScript draws, of any size', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(100),
        fc.nat(),
        fc.nat(),
        fc.double({ min: 0, max: 0.9 }),
        async (n, seed, step, rate) => {
          await using backend = await wasmBackend()
          const x = input('x', 'float32', ['n'])
          const mask = dropoutMask(['n'], rate, 11)
          await using program = await backend.compile({ outputs: { y: mul(x, mask) } })
          const ones = { data: new Float32Array(n).fill(1), shape: [n] }
          const expected = new Float32Array(n)
          new Random(seed, 11, step).fillDropout(expected, rate)
          expect((await program.run({ x: ones }, { seed, step })).y.data).toEqual(expected)
        },
      ),
      { numRuns: 60, seed: 1 },
    ))
})
