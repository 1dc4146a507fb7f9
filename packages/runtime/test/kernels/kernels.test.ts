import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap } from '../../src/kernels/heap.ts'
import { createKernels, fastestKernels, type KernelKind, type Kernels } from '../../src/kernels/kernels.ts'

/** Numbers that a seed decides, from -1 to 1. */
function numbers(seed: number) {
  let state = seed >>> 0 || 1
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return (Math.imul(state ^ (state >>> 13), 0x85ebca6b) >>> 0) / 2 ** 31 - 1
  }
}

const heap = Heap.create()
const kinds: KernelKind[] = fastestKernels() === 'relaxed-simd' ? ['simd', 'relaxed-simd'] : ['simd']
const scalar = await createKernels(heap.memory, 'scalar')

/** Room for floats, filled. */
function floats(count: number, next: () => number): number {
  const at = heap.allocate(4 * count)
  heap.floats(at, count).forEach((_, i, all) => {
    all[i] = next()
  })
  return at
}

/** A sparse matrix of blocks. */
function sparse(rows: number, blocks: number, width: number, density: number, next: () => number) {
  const starts = [0]
  const index: number[] = []
  for (let r = 0; r < rows; r++) {
    for (let b = 0; b < blocks; b++) if ((next() + 1) / 2 < density) index.push(b)
    starts.push(index.length)
  }
  const at = { starts: heap.allocate(4 * starts.length), indices: heap.allocate(2 * index.length + 2) }
  heap.integers(at.starts, starts.length).set(starts)
  heap.shorts(at.indices, index.length).set(index)
  const values = floats(Math.max(1, index.length * width), next)
  const codes = heap.allocate(index.length * width + 16)
  heap.bytes(codes, index.length * width).forEach((_, i, all) => {
    all[i] = Math.round(127 * next())
  })
  return { ...at, values, codes }
}

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 20 }),
  blocks: fc.integer({ min: 1, max: 40 }),
  width: fc.constantFrom(1, 2, 4, 8, 16),
  lanes: fc.constantFrom(1, 4, 8, 16),
  density: fc.double({ min: 0, max: 1, noNaN: true }),
  bias: fc.boolean(),
  add: fc.constantFrom(0, 1),
  seed: fc.integer(),
})

/** Runs a kernel with both implementations on the same memory. @returns what the second wrote, and the first */
function both(kernels: Kernels, at: number, count: number, run: (kernels: Kernels) => void) {
  const before = heap.floats(at, count).slice()
  const results = [kernels, scalar].map(implementation => {
    heap.floats(at, count).set(before)
    run(implementation)
    return heap.floats(at, count).slice()
  })
  return { fast: results[0], plain: results[1] }
}

function expectClose(fast: Float32Array, plain: Float32Array, tolerance: number) {
  for (let i = 0; i < plain.length; i++) {
    const difference = Math.abs(fast[i] - plain[i])
    if (!(difference <= tolerance * Math.max(1, Math.abs(plain[i]))))
      throw new Error(`number ${i} is ${fast[i]}, wanted ${plain[i]}`)
  }
}

describe.each(kinds)('kernels: %s', async kind => {
  const kernels = await createKernels(heap.memory, kind)

  it('multiply sparse matrices of floats, codes and blocks of whole numbers', () => {
    fc.assert(
      fc.property(shapes, ({ rows, blocks, width, lanes, density, bias: biased, add, seed }) => {
        const next = numbers(seed)
        const m = sparse(rows, blocks, width, density, next)
        const columns = blocks * width
        const x = floats(columns * lanes, next)
        const bias = biased ? floats(rows, next) : 0
        const y = floats(rows * lanes, next)
        const [table, scales] = [floats(256, next), floats(rows, next)]
        const head = [m.starts, m.indices] as const
        const float = both(kernels, y, rows * lanes, k =>
          k.multiplyFloat(...head, m.values, width, rows, x, lanes, bias, y, add),
        )
        expectClose(float.fast, float.plain, 1e-5)
        const coded = both(kernels, y, rows * lanes, k =>
          k.multiplyCoded(...head, m.codes, width, rows, table, scales, x, lanes, bias, y, add),
        )
        expectClose(coded.fast, coded.plain, 1e-5)
        const used = [m.starts, m.indices, m.values, m.codes, x, y, table, scales, ...(bias ? [bias] : [])]
        if (width === 8) {
          const count = 1 + (Math.abs(seed) % Math.min(8, lanes))
          const whole = heap.allocate(2 * columns * count)
          const activation = heap.allocate(4 * 8)
          scalar.quantize(x, lanes, columns, count, 1000, whole, activation)
          const wanted = heap.shorts(whole, columns * count).slice()
          kernels.quantize(x, lanes, columns, count, 1000, whole, activation)
          heap.shorts(whole, columns * count).forEach((q, i) => {
            // What is halfway between two whole numbers may be rounded either way: 1/scale is rounded too.
            expect(Math.abs(((q << 16) >> 16) - ((wanted[i] << 16) >> 16))).toBeLessThanOrEqual(1)
          })
          const product = both(kernels, y, rows * lanes, k =>
            k.multiplyBlocks(...head, m.codes, rows, scales, whole, activation, count, bias, y, lanes, add),
          )
          // Lanes beyond the rows are nobody's.
          const mine = (all: Float32Array) => all.filter((_, i) => i % lanes < count)
          expectClose(mine(product.fast), mine(product.plain), 1e-4)
          used.push(whole, activation)
        }
        for (const at of used) heap.free(at)
      }),
      { numRuns: 200 },
    )
  })

  it('put rows of a matrix into lanes', () => {
    fc.assert(
      fc.property(shapes, ({ rows, blocks, width, lanes, density, seed }) => {
        const next = numbers(seed)
        const m = sparse(rows, blocks, width, density, next)
        const [table, scales] = [floats(256, next), floats(rows, next)]
        const panel = floats(blocks * width * lanes, () => 0)
        const row = Math.abs(seed) % rows
        const lane = panel + 4 * (Math.abs(seed) % lanes)
        for (const run of [
          (k: Kernels) => k.embedFloat(m.starts, m.indices, m.values, width, row, lane, lanes),
          (k: Kernels) => k.embedCoded(m.starts, m.indices, m.codes, width, row, table, scales, lane, lanes),
        ]) {
          const { fast, plain } = both(kernels, panel, blocks * width * lanes, run)
          expectClose(fast, plain, 1e-6)
        }
        for (const at of [m.starts, m.indices, m.values, m.codes, table, scales, panel]) heap.free(at)
      }),
      { numRuns: 50 },
    )
  })

  it('step LSTM cells, also where a mask keeps some as they are', () => {
    for (const lanes of [1, 4, 8, 16])
      for (const scale of [1, 20, 200]) {
        const next = numbers(lanes)
        // A single row is taken four units at a time: what follows it is room of its own.
        const units = lanes === 1 ? 8 : 7
        const z = floats(4 * units * lanes, () => scale * next())
        const state = floats(2 * units * lanes, next)
        const mask = heap.allocate(4 * lanes)
        heap.integers(mask, lanes).forEach((_, i, all) => {
          all[i] = i % 3
        })
        for (const use of [0, mask]) {
          const { fast, plain } = both(kernels, state, 2 * units * lanes, k =>
            k.lstmCell(z, state, state + 4 * units * lanes, units, lanes, use),
          )
          expectClose(fast, plain, 1e-6)
        }
        for (const at of [z, state, mask]) heap.free(at)
      }
  })

  it('take hyperbolic tangents, and copy lanes', () => {
    const next = numbers(5)
    const x = floats(64, () => 10 * next())
    const { fast, plain } = both(kernels, x, 64, k => k.tanhAll(x, 64))
    expectClose(fast, plain, 1e-6)
    const to = floats(64, next)
    const copied = both(kernels, to, 64, k => k.copyLane(x + 8, 4, to + 4, 8, 8))
    expect(copied.fast).toEqual(copied.plain)
    for (const at of [x, to]) heap.free(at)
  })

  it('attend, by products and by a vector', () => {
    for (const positions of [1, 2, 13]) {
      const next = numbers(positions)
      const n = 12
      const [query, keys, states] = [floats(n, next), floats(n * positions, next), floats(n * positions, next)]
      const vector = floats(n, next)
      const out = floats(positions + n, next)
      for (const use of [0, vector]) {
        const { fast, plain } = both(kernels, out, positions + n, k =>
          k.attend(query, keys, states, positions, n, use, out, out + 4 * positions),
        )
        expectClose(fast, plain, 1e-5)
      }
      for (const at of [query, keys, states, vector, out]) heap.free(at)
    }
  })

  it('find the most probable tokens, of equal ones the first', () => {
    for (const [vocabulary, lanes, count] of [
      [8, 4, 8],
      [5000, 16, 8],
      [333, 8, 5],
      [5, 4, 1],
      [8, 1, 8],
      [4999, 1, 8],
      [3, 1, 2],
    ]) {
      const next = numbers(vocabulary)
      const logits = floats(vocabulary * lanes, () => Math.round(40 * next()) / 4)
      const [ids, scores] = [heap.allocate(4 * count * lanes), heap.allocate(4 * count * lanes)]
      const run = (k: Kernels) => {
        k.topTokens(logits, vocabulary, lanes, count, ids, scores)
        return {
          ids: [...heap.integers(ids, count * lanes)],
          scores: heap.floats(scores, count * lanes).slice(),
        }
      }
      const [fast, plain] = [run(kernels), run(scalar)]
      expect(fast.ids).toEqual(plain.ids)
      expectClose(fast.scores, plain.scores, 1e-6)
      for (const at of [logits, ids, scores]) heap.free(at)
    }
  })

  it('leave nothing behind', () => expect(heap.used).toBe(0))
})
