/** Sparse arrays: one program has one meaning on every backend, whether zeros are kept or not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ArrayValue,
  add,
  type Backend,
  type DeviceArray,
  type DType,
  div,
  exp,
  fill,
  gather,
  gradients,
  input,
  linear,
  log,
  matmul,
  maximum,
  minimum,
  mul,
  Random,
  type SparsePattern,
  scan,
  sigmoid,
  softmax,
  sparseInput,
  sqrt,
  sub,
  sum,
  sumSquare,
  type Tensor,
  tanh,
  transpose,
} from '../src/index.ts'
import { expectClose } from './finite-differences.ts'
import { BACKENDS, backendNamed } from './support.ts'

type Block = readonly [number, number]
const BLOCKS: readonly Block[] = [
  [1, 1],
  [1, 8],
  [1, 4],
  [4, 1],
]

/** A pattern of blocks that are kept with this chance; 0: one alone, somewhere; 1: all. */
function randomPattern(random: Random, block: Block, [rows, columns]: Block, density: number): SparsePattern {
  const [height, width] = [rows / block[0], columns / block[1]]
  const only = random.integer(height * width)
  const starts = [0]
  const places: number[] = []
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++)
      if (density === 0 ? r * width + c === only : random.uniform() < density) places.push(c * block[1])
    starts.push(places.length)
  }
  return { block, starts: Int32Array.from(starts), columns: Int32Array.from(places) }
}

function randomArray(random: Random, dtype: DType, shape: number[], pattern?: SparsePattern): ArrayValue {
  const size = pattern ? pattern.columns.length * pattern.block[0] * pattern.block[1] : shape.reduce((a, b) => a * b, 1)
  const data = dtype === 'float64' ? new Float64Array(size) : new Float32Array(size)
  random.fillUniform(data, -0.5, 0.5)
  return { data, shape, pattern }
}

const [VOCABULARY, WIDTH] = [12, 16]

/** A small recurrent network whose three matrices are sparse. */
function network(dtype: DType, blocks: readonly Block[]) {
  const square = [WIDTH, WIDTH] as const
  const parameters = {
    e: sparseInput('e', dtype, [VOCABULARY, WIDTH], { pattern: 'e', block: blocks[0] }),
    u: sparseInput('u', dtype, square, { pattern: 'u', block: blocks[1] }),
    w: sparseInput('w', dtype, square, { pattern: 'w', block: blocks[2] }),
    b: input('b', dtype, [WIDTH]),
  }
  const { e, u, w, b } = parameters
  const words = gather(e, input('words', 'int32', ['time', 'batch']))
  const states = scan([fill(0, ['batch', WIDTH], dtype)], [words], ([h], [x]) => {
    const next = tanh(add(x, matmul(h, u, { b: true })))
    return { carries: [next], outputs: [next] }
  }).outputs[0]
  const loss = sum(sigmoid(matmul(linear(states, w, b), w)))
  return { parameters, loss }
}

function valuesFor(seed: number, dtype: DType, blocks: readonly Block[], density: number) {
  const random = new Random(seed, 2)
  const shapes: Record<string, [number, number]> = { e: [VOCABULARY, WIDTH], u: [WIDTH, WIDTH], w: [WIDTH, WIDTH] }
  const values: Record<string, ArrayValue> = { b: randomArray(random, dtype, [WIDTH]) }
  Object.entries(shapes).forEach(([name, shape], i) => {
    values[name] = randomArray(random, dtype, shape, randomPattern(random, blocks[i], shape, density))
  })
  return values
}

const words = (seed: number, time: number, batch: number) => {
  const random = new Random(seed, 3)
  return { data: Int32Array.from({ length: time * batch }, () => random.integer(VOCABULARY)), shape: [time, batch] }
}

describe('sparse arrays', () => {
  const shapes = fc.record({
    seed: fc.nat(),
    blocks: fc.tuple(fc.constantFrom(...BLOCKS), fc.constantFrom(...BLOCKS), fc.constantFrom(...BLOCKS)),
    density: fc.constantFrom(0, 0.1, 0.5, 1),
    batch: fc.integer({ min: 1, max: 21 }),
  })

  it('have the same loss, gradients and updates on both backends', () =>
    fc.assert(
      fc.asyncProperty(shapes, async ({ seed, blocks, density, batch }) => {
        const results = await Promise.all(
          BACKENDS.map(async name => trainedStep(await backendNamed(name), seed, blocks, density, batch)),
        )
        const [expected, found] = results
        for (const name of Object.keys(expected)) {
          expect(found[name].pattern?.columns, name).toEqual(expected[name].pattern?.columns)
          expectClose(found[name], expected[name], name)
        }
      }),
      { numRuns: 40, seed: 1 },
    ))

  it.each(BACKENDS)('have the gradients that finite differences say on %s', async name => {
    const blocks: Block[] = [BLOCKS[1], BLOCKS[0], BLOCKS[3]]
    const { parameters, loss } = network('float64', blocks)
    const outputs: Record<string, Tensor> = { loss }
    gradients(loss, Object.values(parameters)).forEach((g, i) => {
      if (g) outputs[Object.keys(parameters)[i]] = g
    })
    const values = valuesFor(5, 'float64', blocks, 0.4)
    const backend = await backendNamed(name)
    await using program = await backend.compile({ outputs })
    const run = () => {
      for (const [key, value] of Object.entries(values)) program.bind(key, value)
      return program.run({ words: words(1, 3, 2) })
    }
    const found = await run()
    for (const [key, { data }] of Object.entries(values))
      for (let k = 0; k < data.length; k += 3) {
        const at = data[k] as number
        const losses: number[] = []
        for (const h of [1e-5, -1e-5]) {
          data[k] = at + h
          losses.push((await run()).loss.data[0] as number)
        }
        data[k] = at
        expect(found[key].data[k], `${key} ${k}`).toBeCloseTo((losses[0] - losses[1]) / 2e-5, 6)
      }
  })

  it('are refused where a whole array is needed, and where patterns differ', () => {
    const sparse = { pattern: 'p', block: [1, 1] } as const
    const w = sparseInput('w', 'float32', [4, 4], sparse)
    const other = sparseInput('v', 'float32', [4, 4], { ...sparse, pattern: 'q' })
    const dense = input('x', 'float32', [4, 4])
    expect(() => add(w, dense)).toThrow('do not have one pattern')
    expect(() => add(w, other)).toThrow('do not have one pattern')
    expect(() => softmax(w)).toThrow('is sparse, which this operator does not take')
    expect(() => transpose(w, [1, 0])).toThrow('is sparse')
    expect(() => matmul(w, dense)).toThrow('a sparse operand has to be the second')
    expect(() => sum(w, [0])).toThrow('all axes are summed')
    expect(() => sparseInput('z', 'float32', [4, 4], { pattern: 'r', block: [1, 8] })).toThrow('blocks of 1 × 8')
  })

  it.each(BACKENDS)('are checked when they are bound to %s', async name => {
    const sparse = { pattern: 'p', block: [1, 4] } as const
    const [w, v] = [sparseInput('w', 'float32', [2, 8], sparse), sparseInput('v', 'float32', [2, 8], sparse)]
    await using program = await (await backendNamed(name)).compile({ outputs: { y: add(w, v) } })
    const array = (starts: number[], columns: number[], block: Block = [1, 4]) => ({
      data: new Float32Array(columns.length * 4),
      shape: [2, 8],
      pattern: { block, starts: Int32Array.from(starts), columns: Int32Array.from(columns) },
    })
    expect(() => program.bind('w', { data: new Float32Array(16), shape: [2, 8] })).toThrow('sparse array of pattern p')
    expect(() => program.bind('w', array([0, 1], [0]))).toThrow('starts of its rows')
    expect(() => program.bind('w', array([0, 1, 1], [0], [4, 1]))).toThrow('blocks are 4 × 1, not 1 × 4')
    expect(() => program.bind('w', array([0, 1, 1], [2]))).toThrow('block 0 begins at column 2')
    expect(() => program.bind('w', array([0, 1, 1], [8]))).toThrow('block 0 begins at column 8')
    expect(() => program.bind('w', array([0, 2, 2], [4, 0]))).toThrow('block 1 begins at column 0')
    program.bind('w', array([0, 1, 1], [4]))
    await expect(program.run()).rejects.toThrow('needs an input v')
    program.bind('v', array([0, 1, 1], [0]))
    await expect(program.run()).rejects.toThrow('differ in their places')
    program.bind('v', array([0, 1, 1], [4]))
    expect((await program.run()).y.data.length).toBe(4)
  })
})

describe('a pattern that follows another', () => {
  it.each(BACKENDS)('counts with its own numbers on %s, though it lies where the other lay', async name => {
    const backend = await backendNamed(name)
    const w = sparseInput('w', 'float32', [2, 8], { pattern: 'p', block: [1, 1] })
    await using program = await backend.compile({ outputs: { y: mul(w, 2), s: sumSquare(w) } })
    let before: DeviceArray | undefined
    for (const columns of [[1, 5, 6], [0, 1, 2, 3, 4, 5], [7]]) {
      before?.release()
      const pattern = {
        block: [1, 1] as const,
        starts: Int32Array.of(0, 0, columns.length),
        columns: Int32Array.from(columns),
      }
      before = backend.place({ shape: [2, 8], data: new Float32Array(columns.length).fill(3), pattern })
      program.bind('w', before)
      const { y, s } = await program.run()
      expect(y.data).toEqual(new Float32Array(columns.length).fill(6))
      expect(s.data[0]).toBe(9 * columns.length)
    }
  })
})

/** A step of Adam, clipped by the global norm, and functions that make something of zeros. */
async function trainedStep(backend: Backend, seed: number, blocks: readonly Block[], density: number, batch: number) {
  const { parameters, loss } = network('float32', blocks)
  const found = gradients(loss, Object.values(parameters))
  const values = valuesFor(seed, 'float32', blocks, density)
  const outputs: Record<string, Tensor> = { loss }
  const updates: Record<string, Tensor> = {}
  const norm = sqrt(found.map(g => sumSquare(g ?? loss)).reduce((a, b) => add(a, b)))
  const factor = minimum(div(2, add(norm, 1e-6)), 1)
  Object.entries(parameters).forEach(([name, parameter], i) => {
    const g = found[i]
    if (!g) throw new Error(`no gradient of ${name}`)
    const like = parameter.sparse
    const moment = like
      ? sparseInput(`m/${name}`, 'float32', parameter.shape as [number, number], like)
      : input(`m/${name}`, 'float32', parameter.shape)
    const m = add(mul(moment, 0.9), mul(mul(g, factor), 0.1))
    outputs[`g/${name}`] = g
    outputs[`f/${name}`] = log(add(exp(maximum(parameter, 0.1)), 1))
    updates[`m/${name}`] = m
    updates[name] = sub(parameter, div(mul(m, 0.1), add(sqrt(mul(g, g)), 0.1)))
  })
  await using program = await backend.compile({ outputs: { ...outputs, norm }, updates })
  const arrays = Object.entries(values).flatMap(([name, value]) => {
    const zeros = { ...value, data: new Float32Array(value.data.length) }
    return [
      { name, value, array: backend.place({ ...value, data: value.data.slice() }) },
      { name: `m/${name}`, value, array: backend.place(zeros) },
    ]
  })
  for (const { name, array } of arrays) program.bind(name, array)
  const results: Record<string, ArrayValue> = {}
  for (let step = 0; step < 2; step++) Object.assign(results, await program.run({ words: words(seed, 3, batch) }))
  for (const { name, value, array } of arrays) {
    results[name] = { ...value, data: await array.read() }
    array.release()
  }
  return results
}
