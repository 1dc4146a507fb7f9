/** What is fused gives the same numbers as operators one by one, bit for bit where no multiply-adds are used. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { wasmBackend } from '../src/backends/wasm/index.ts'
import { webAssembly } from '../src/backends/wasm/webassembly.ts'
import {
  type ArrayValue,
  abs,
  add,
  cast,
  concat,
  div,
  equal,
  exp,
  expand,
  gradients,
  greater,
  input,
  less,
  linear,
  matmul,
  maximum,
  minimum,
  mul,
  neg,
  type ProgramSource,
  Random,
  scan,
  sigmoid,
  sign,
  sparseInput,
  split,
  sqrt,
  sub,
  sum,
  type Tensor,
  tanh,
  where,
} from '../src/index.ts'
import { expectClose } from './finite-differences.ts'

function randomArray(seed: number, shape: number[]): ArrayValue {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
  new Random(seed, 1).fillUniform(data, -2, 2)
  return { data, shape }
}

/** Runs programs on a backend that fuses and on one that cannot compile what it would fuse. */
async function runBoth(
  source: ProgramSource,
  values: Record<string, ArrayValue>,
  bound: Record<string, ArrayValue> = {},
): Promise<Record<string, ArrayValue>[]> {
  const results = []
  for (const fuses of [true, false]) {
    await using backend = await wasmBackend({ kernels: 'simd' })
    // There is WebAssembly where there is the backend.
    const compile = vi.spyOn(webAssembly()!, 'compile')
    if (!fuses) compile.mockRejectedValue(new Error('forbidden'))
    await using program = await backend.compile(source).finally(() => compile.mockRestore())
    const arrays = Object.entries(bound).map(([name, value]) => {
      const array = backend.place({ ...value, data: value.data.slice() })
      program.bind(name, array)
      return { name, array, shape: value.shape }
    })
    const outputs = await program.run(values)
    for (const { name, array, shape } of arrays) outputs[`bound ${name}`] = { data: await array.read(), shape }
    results.push(outputs)
  }
  return results
}

async function expectSame(...operands: Parameters<typeof runBoth>): Promise<void> {
  const [fused, unfused] = await runBoth(...operands)
  for (const name of Object.keys(unfused)) expect(fused[name], name).toEqual(unfused[name])
}

/** A matrix of which every other number is kept, more or less. */
function sparse([rows, columns]: [number, number]): ArrayValue {
  const starts = [0]
  const places: number[] = []
  for (let r = 0; r < rows; r++) {
    for (let c = r % 2; c < columns; c += 2 + (r % 3)) places.push(c)
    starts.push(places.length)
  }
  const pattern = { block: [1, 1] as const, starts: Int32Array.from(starts), columns: Int32Array.from(places) }
  const data = Float32Array.from(places, (_, i) => 0.4 * Math.sin(i + rows))
  return { data, shape: [rows, columns], pattern }
}

const wide = (units: number) => sparseInput('v', 'float32', [4 * units, 2 * units], { pattern: 'v', block: [1, 1] })

const size = fc.integer({ min: 1, max: 19 })
const full = ['batch', 'rows', 8]
const leaves = {
  x: input('x', 'float32', full),
  y: input('y', 'float32', full),
  row: input('row', 'float32', [8]),
  column: input('column', 'float32', ['batch', 'rows', 1]),
  outer: input('outer', 'float32', ['batch', 1, 8]),
  single: input('single', 'float32', []),
  wide: input('wide', 'float32', ['batch', 'rows', 16]),
  words: input('words', 'int32', ['batch', 'rows', 8]),
}

/** Values of the leaves. */
function leafValues(seed: number, batch: number, rows: number): Record<string, ArrayValue> {
  const shapes = {
    ...{ x: [batch, rows, 8], y: [batch, rows, 8], row: [8], column: [batch, rows, 1], outer: [batch, 1, 8] },
    ...{ single: [], wide: [batch, rows, 16] },
  }
  const words = Int32Array.from({ length: batch * rows * 8 }, (_, i) => ((i * 7 + seed) % 5) - 2)
  return {
    ...Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, randomArray(seed + i, shape)])),
    words: { data: words, shape: [batch, rows, 8] },
  }
}

/** Functions of one or two tensors that stay within what floats can tell apart. */
const functions: ((a: Tensor, b: Tensor) => Tensor)[] = [
  add,
  sub,
  mul,
  (a, b) => div(a, add(abs(b), 1)),
  maximum,
  minimum,
  (a, b) => where(greater(a, b), a, sub(b, 1)),
  (a, b) => mul(a, cast(less(b, 0.5), 'float32')),
  a => mul(a, cast(equal(leaves.words, 1), 'float32')),
  a => add(tanh(a), 0.25),
  a => sigmoid(neg(a)),
  a => exp(tanh(a)),
  a => sqrt(abs(a)),
  a => mul(sign(a), a),
  a => expand(a, full),
]

/** The tensors of a random program: each applies a function to two before it. */
function build(picks: readonly (readonly [number, number, number])[]): Tensor[] {
  const { words: _, wide, ...operands } = leaves
  const [left, right] = split(wide, 2, [8, 8])
  const pool: Tensor[] = [...Object.values(operands), left, right]
  const count = pool.length
  for (const [f, i, j] of picks)
    pool.push(functions[f % functions.length](pool[i % pool.length], pool[j % pool.length]))
  return pool.slice(count)
}

describe('fused programs', () => {
  it('of any functions and shapes that broadcast give what operators one by one give', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)), { minLength: 1, maxLength: 14 }),
        fc.tuple(size, size, fc.nat(1000)),
        fc.nat(3),
        async (picks, [batch, rows, seed], kept) => {
          const made = build(picks)
          const joined = made.filter(x => x.rank === 3 && x.shape[2] === 8)
          const outputs = Object.fromEntries(made.filter((_, i) => i % (kept + 1) === 0).map((x, i) => [`y${i}`, x]))
          if (joined.length > 1)
            outputs.joined = concat(
              joined.slice(-4).filter(x => x.shape[1] === 'rows'),
              2,
            )
          const values = leafValues(seed, batch, rows)
          const needed = new Set<string>()
          const visit = ({ node }: Tensor): void => {
            if (node.operator.name === 'input') needed.add((node.attributes as { name: string }).name)
            node.inputs.forEach(visit)
          }
          Object.values(outputs).forEach(visit)
          await expectSame({ outputs }, Object.fromEntries([...needed].map(name => [name, values[name]])))
        },
      ),
      { numRuns: 60, seed: 3 },
    ))

  it('read and write pieces of arrays, and tails, where results are not whole vectors', () =>
    fc.assert(
      fc.asyncProperty(fc.tuple(size, size, size), async ([batch, first, second]) => {
        const z = input('z', 'float32', ['batch', 2 * first + second])
        const [a, b, c] = split(z, 1, [first, first, second])
        const outputs = {
          gate: mul(sigmoid(a), tanh(b)),
          pieces: concat([mul(a, b), add(a, 1), sub(b, a)], 1),
          other: add(c, 1),
          flags: greater(a, b),
        }
        await expectSame({ outputs }, { z: randomArray(batch, [batch, 2 * first + second]) })
      }),
      { numRuns: 20, seed: 4 },
    ))

  it('update arrays in place', () =>
    fc.assert(
      fc.asyncProperty(fc.tuple(size, size), async ([rows, columns]) => {
        const array = (name: string) => input(name, 'float32', ['rows', 'columns'])
        const [w, m, v, g] = ['w', 'm', 'v', 'g'].map(array)
        const rate = input('rate', 'float32', [])
        const nextM = add(mul(m, 0.9), mul(g, 0.1))
        const nextV = add(mul(v, 0.999), mul(mul(g, g), 0.001))
        const nextW = sub(w, div(mul(nextM, rate), add(sqrt(abs(nextV)), 1e-8)))
        const shape = [rows, columns]
        await expectSame(
          { outputs: { sum: add(w, m) }, updates: { w: nextW, m: nextM, v: nextV } },
          { g: randomArray(1, shape), rate: { data: Float32Array.of(0.1), shape: [] } },
          { w: randomArray(2, shape), m: randomArray(3, shape), v: randomArray(4, shape) },
        )
        const swapped = { w: add(m, mul(w, 0)), m: sub(w, mul(m, 0)) }
        await expectSame({ outputs: {}, updates: swapped }, {}, { w: randomArray(5, shape), m: randomArray(6, shape) })
      }),
      { numRuns: 12, seed: 5 },
    ))

  it('run in loops, whose states and stacks are computed in place', () =>
    fc.assert(
      fc.asyncProperty(fc.tuple(size, size, size), fc.boolean(), async ([time, batch, units], reverse) => {
        const x = input('x', 'float32', ['time', 'batch', 4 * units])
        const mask = input('mask', 'float32', ['time', 'batch', 1])
        const [h, c] = ['h', 'c'].map(name => input(name, 'float32', ['batch', units]))
        const w = input('w', 'float32', [units, 4 * units])
        const { carries, outputs } = scan(
          [h, c],
          [x, mask],
          ([h, c], [xt, maskAt]) => {
            const [i, f, g, o] = split(add(matmul(h, w), xt), 1, [units, units, units, units])
            const cell = mul(add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g))), maskAt)
            const next = mul(sigmoid(o), tanh(cell))
            const kept = add(h, mul(maskAt, sub(next, h)))
            return { carries: [kept, cell], outputs: [next, mul(i, o)] }
          },
          { reverse },
        )
        await expectSame(
          { outputs: { h: carries[0], c: carries[1], states: outputs[0], gates: outputs[1] } },
          {
            x: randomArray(1, [time, batch, 4 * units]),
            mask: { data: Float32Array.from({ length: time * batch }, (_, i) => i % 3 && 1), shape: [time, batch, 1] },
            h: randomArray(2, [batch, units]),
            c: randomArray(3, [batch, units]),
            w: randomArray(4, [units, 4 * units]),
          },
        )
      }),
      { numRuns: 12, seed: 6 },
    ))

  it('take and give panels where sparse products do', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(1, 7, 16, 32, 37), fc.tuple(size, size), async (batch, [time, units]) => {
        const kept = sparse([4 * units, units])
        const w = sparseInput('w', 'float32', [4 * units, units], { pattern: 'w', block: [1, 1] })
        const bias = input('bias', 'float32', [4 * units])
        const scale = input('scale', 'float32', ['batch', 1])
        const [x, dropout] = ['x', 'dropout'].map(name => input(name, 'float32', ['time', 'batch', units]))
        const mask = input('mask', 'float32', ['time', 'batch', 1])
        const [h, c] = ['h', 'c'].map(name => input(name, 'float32', ['batch', units]))
        const loop = (reverse: boolean) =>
          scan(
            [h, c],
            [mul(x, dropout), mask],
            ([h, c], [xt, maskAt]) => {
              const z = add(add(linear(xt, w, bias), matmul(h, w, { b: true })), scale)
              const [i, f, g, o] = split(z, 1, [units, units, units, units])
              const cell = mul(add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g))), maskAt)
              const next = mul(sigmoid(o), tanh(cell))
              return { carries: [add(h, mul(maskAt, sub(next, h))), cell], outputs: [next] }
            },
            { reverse },
          )
        const [forward, backward] = [loop(false), loop(true)]
        const both = concat([forward.outputs[0], backward.outputs[0]], 2)
        const y = linear(mul(mul(both, sigmoid(both)), scale), wide(units), bias)
        const loss = sum(mul(y, y))
        const [dw, dx, dh, db] = gradients(add(loss, sum(forward.carries[1])), [w, x, h, bias])
        const outputs = { y, both, last: backward.carries[0], dw: dw!, dx: dx!, dh: dh!, db: db! }
        const [fused, unfused] = await runBoth(
          { outputs },
          {
            x: randomArray(1, [time, batch, units]),
            dropout: randomArray(2, [time, batch, units]),
            mask: { data: Float32Array.from({ length: time * batch }, (_, i) => i % 3 && 1), shape: [time, batch, 1] },
            h: randomArray(3, [batch, units]),
            c: randomArray(4, [batch, units]),
            bias: randomArray(5, [4 * units]),
            scale: randomArray(6, [batch, 1]),
          },
          { w: kept, v: sparse([4 * units, 2 * units]) },
        )
        // Sums over rows are taken in another order in panels.
        for (const name of Object.keys(outputs)) expectClose(fused[name], unfused[name], name)
      }),
      { numRuns: 25, seed: 7 },
    ))

  it('are the same with any number of threads', async () => {
    const x = input('x', 'float32', ['n', 'm'])
    const row = input('row', 'float32', ['m'])
    const outputs = { y: mul(tanh(add(x, row)), sigmoid(x)), flat: exp(tanh(x)) }
    const values = { x: randomArray(1, [301, 203]), row: randomArray(2, [203]) }
    const results = []
    for (const threads of [1, 3]) {
      await using backend = await wasmBackend({ threads })
      await using program = await backend.compile({ outputs })
      results.push(await program.run(values))
    }
    expect(results[1]).toEqual(results[0])
  })
})
