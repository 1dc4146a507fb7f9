/** The kernels of sparse products against plain loops: any block, any number of rows, and however the work is divided. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKernels, type KernelKind } from '../src/backends/wasm/kernels.ts'
import { Random } from '../src/index.ts'

const LANES = 16

/** A memory's kernels of each kind that runs here. */
const kinds: KernelKind[] = ['simd', 'relaxed-simd']
const runnable = await Promise.all(
  kinds.map(async kind => ({ kind, made: await createKernels(kind).catch(() => undefined) })),
)
const engines = runnable.flatMap(({ kind, made }) => (made ? [{ kind, ...made }] : []))

const cases = fc.record({
  seed: fc.nat(),
  block: fc.constantFrom<[number, number]>([1, 1], [1, 8], [1, 4], [4, 1], [2, 2], [1, 5], [3, 1]),
  blockRows: fc.integer({ min: 1, max: 9 }),
  blockColumns: fc.integer({ min: 1, max: 9 }),
  density: fc.constantFrom(0, 0.2, 0.6, 1),
  count: fc.integer({ min: 1, max: 70 }),
  cuts: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
})
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never

/** A sparse matrix, rows x and y, and what the products of them are. */
function problem({ seed, block: [height, width], blockRows, blockColumns, density, count }: Case) {
  const random = new Random(seed, 1)
  const [rows, columns] = [blockRows * height, blockColumns * width]
  const starts = [0]
  const places: number[] = []
  for (let r = 0; r < blockRows; r++) {
    for (let c = 0; c < blockColumns; c++) if (random.uniform() < density) places.push(c * width)
    starts.push(places.length)
  }
  const uniform = (size: number) => {
    const numbers = new Float32Array(size)
    random.fillUniform(numbers, -1, 1)
    return numbers
  }
  const values = uniform(places.length * height * width)
  const [x, y, bias] = [uniform(count * columns), uniform(count * rows), uniform(rows)]
  const forward = Float64Array.from({ length: count * rows }, (_, i) => bias[i % rows])
  const transposed = new Float64Array(count * columns)
  const sampled = new Float64Array(values.length)
  for (let r = 0, at = 0; r < blockRows; r++)
    for (let k = starts[r]; k < starts[r + 1]; k++)
      for (let h = 0; h < height; h++)
        for (let w = 0; w < width; w++, at++)
          for (let n = 0; n < count; n++) {
            const [i, j] = [n * rows + r * height + h, n * columns + places[k] + w]
            forward[i] += values[at] * x[j]
            transposed[j] += values[at] * y[i]
            sampled[at] += x[j] * y[i]
          }
  return { rows, columns, starts, places, values, x, y, bias, forward, transposed, sampled }
}

/** The ranges that 0 to `units` is cut into. */
function ranges(units: number, cuts: readonly number[]): [number, number][] {
  const ends = [...cuts.map(cut => Math.round(cut * units)), units].sort((a, b) => a - b)
  return ends.map((end, i) => [ends[i - 1] ?? 0, end])
}

function expectNear(found: Float32Array, expected: Float64Array, name: string) {
  expect(found.length).toBe(expected.length)
  found.forEach((value, i) => {
    if (Math.abs(value - expected[i]) > 1e-5 * (1 + Math.abs(expected[i])))
      expect.fail(`${name} ${i} is ${value}, not ${expected[i]}`)
  })
}

describe.each(engines)('kernels for sparse products, $kind', ({ memory, kernels }) => {
  /** All three products, each computed in the ranges that the cuts make. */
  function products(task: Case, cuts: readonly number[]) {
    const { rows, columns, starts, places, values, x, y, bias } = problem(task)
    const [height, width] = task.block
    const panels = Math.ceil(task.count / LANES)
    const used: number[] = []
    const place = (data: Float32Array | Int32Array) => {
      used.push(memory.place(data))
      return used[used.length - 1]
    }
    const buffer = (size: number) => place(new Float32Array(size).fill(Number.NaN))
    const [xAt, yAt] = [
      [x, columns],
      [y, rows],
    ].map(([data, features]) => {
      const [from, to] = [place(data as Float32Array), buffer(panels * (features as number) * LANES)]
      for (const range of ranges(panels, cuts))
        kernels.toPanels(from, 4 * (features as number), task.count, features as number, to, ...range)
      return to
    })
    const matrix = [
      ...[place(Int32Array.from(starts)), place(Int32Array.from(places, column => 64 * column)), place(values)],
      ...[height, width],
    ] as [number, number, number, number, number]
    const biasAt = place(bias)
    const [forward, transposed, sampled] = [panels * rows * LANES, panels * columns * LANES, values.length].map(buffer)
    for (const range of ranges(panels, cuts)) {
      kernels.sparseForward(...matrix, xAt, columns, biasAt, forward, rows, ...range)
      kernels.sparseTransposed(...matrix, yAt, rows, transposed, columns, ...range)
    }
    const gradient = [matrix[0], matrix[1], sampled, height, width] as const
    for (const range of ranges(starts.length - 1, cuts))
      kernels.sparseSampled(...gradient, yAt, rows, xAt, columns, panels, ...range)
    const inRows = (panelsAt: number, features: number) => {
      const to = buffer(task.count * features)
      for (const range of ranges(panels, cuts))
        kernels.fromPanels(panelsAt, features, to, 4 * features, task.count, ...range)
      return memory.view('float32', to, task.count * features).slice() as Float32Array
    }
    const result = {
      forward: inRows(forward, rows),
      transposed: inRows(transposed, columns),
      sampled: memory.view('float32', sampled, values.length).slice() as Float32Array,
      x: inRows(xAt, columns),
    }
    for (const pointer of used) memory.free(pointer)
    return result
  }

  it('are what plain loops give', () => {
    fc.assert(
      fc.property(cases, task => {
        const expected = problem(task)
        const found = products(task, task.cuts)
        expect(found.x).toEqual(expected.x)
        for (const name of ['forward', 'transposed', 'sampled'] as const) expectNear(found[name], expected[name], name)
      }),
      { numRuns: 150, seed: 1 },
    )
  })

  it('give the same numbers however they are divided', () => {
    fc.assert(
      fc.property(cases, task => {
        expect(products(task, task.cuts)).toEqual(products(task, []))
      }),
      { numRuns: 50, seed: 2 },
    )
  })
})
