import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap } from '../../src/kernels/heap.ts'
import { DESCRIPTOR_BYTES, type KernelKind, type Kernels, writeDescriptor } from '../../src/kernels/interface.ts'
import { createKernels, fastestKernels } from '../../src/kernels/kernels.ts'

/** Numbers that a seed decides, from -1 to 1. */
function numbers(seed: number) {
  let state = seed >>> 0 || 1
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return (Math.imul(state ^ (state >>> 13), 0x85ebca6b) >>> 0) / 2 ** 31 - 1
  }
}

const heap = Heap.create()
const kinds: KernelKind[] = (await fastestKernels()) === 'relaxed-simd' ? ['simd', 'relaxed-simd'] : ['simd']
const scalar = await createKernels(heap.memory, 'scalar')

/** Room for floats, filled. */
function floats(count: number, next: () => number): number {
  const at = heap.allocate(4 * count)
  heap.floats(at, count).forEach((_, i, all) => {
    all[i] = next()
  })
  return at
}

/** A sparse matrix of blocks, described with values that are floats and with ones that are codes. */
function sparse(rows: number, blocks: number, width: number, density: number, next: () => number, cut = 0) {
  const starts = [0]
  const index: number[] = []
  for (let r = 0; r < rows; r++) {
    for (let b = 0; b < blocks; b++) if ((next() + 1) / 2 < density) index.push(b)
    starts.push(index.length)
  }
  const at = {
    starts: heap.allocate(4 * starts.length),
    order: heap.allocate(4 * rows),
    indices: heap.allocate(2 * index.length + 2),
    values: floats(Math.max(1, index.length * width), next),
    codes: heap.allocate(index.length * width + 16),
    table: floats(256, next),
    scales: floats(rows, next),
    ofFloats: heap.allocate(DESCRIPTOR_BYTES),
    ofCodes: heap.allocate(DESCRIPTOR_BYTES),
  }
  heap.integers(at.starts, starts.length).set(starts)
  // Any order does: here the one backwards.
  heap.integers(at.order, rows).forEach((_, r, all) => {
    all[r] = rows - 1 - r
  })
  heap.shorts(at.indices, index.length).set(index)
  heap.bytes(at.codes, index.length * width).forEach((_, i, all) => {
    all[i] = Math.round(127 * next())
  })
  const parts = { ...at, width, rows, columns: blocks * width - cut }
  writeDescriptor(heap.memory, at.ofFloats, parts)
  writeDescriptor(heap.memory, at.ofCodes, { ...parts, values: at.codes })
  const free = () => {
    for (const place of Object.values(at)) heap.free(place)
  }
  return { ...at, free }
}

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 20 }),
  blocks: fc.integer({ min: 1, max: 40 }),
  width: fc.constantFrom(1, 2, 4, 8, 16),
  lanes: fc.constantFrom(1, 4, 8, 16),
  density: fc.double({ min: 0, max: 1, noNaN: true }),
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

  it('multiply sparse matrices of floats, codes and int8 blocks', () => {
    fc.assert(
      fc.property(shapes, ({ rows, blocks, width, lanes, density, seed }) => {
        const next = numbers(seed)
        const m = sparse(rows, blocks, width, density, next)
        const columns = blocks * width
        const x = floats(columns * lanes, next)
        const y = floats(rows * lanes, next)
        // Sums in another order: of more terms they may differ more.
        const rounding = Math.max(1e-5, 1e-7 * columns)
        const float = both(kernels, y, rows * lanes, k => k.multiplyFloat(m.ofFloats, x, lanes, y))
        expectClose(float.fast, float.plain, rounding)
        const coded = both(kernels, y, rows * lanes, k => k.multiplyCoded(m.ofCodes, x, lanes, y))
        expectClose(coded.fast, coded.plain, rounding)
        const used = [x, y]
        if (width === 8) {
          const count = lanes === 1 ? 1 : lanes === 4 ? 2 + (Math.abs(seed) % 3) : 5 + (Math.abs(seed) % 4)
          const wide = count > 4 ? 8 : lanes
          const rowsOfX = floats(columns * count, next)
          const whole = heap.allocate(2 * columns * count)
          const activation = heap.allocate(4 * 8)
          scalar.quantize(rowsOfX, 4 * columns, columns, count, 1000, whole, activation)
          const wanted = heap.shorts(whole, columns * count).slice()
          kernels.quantize(rowsOfX, 4 * columns, columns, count, 1000, whole, activation)
          heap.shorts(whole, columns * count).forEach((q, i) => {
            // Halves may be rounded either way: 1 / scale is rounded, too.
            expect(Math.abs(((q << 16) >> 16) - ((wanted[i] << 16) >> 16))).toBeLessThanOrEqual(1)
          })
          const product = both(kernels, y, rows * wide, k => k.multiplyBlocks(m.ofCodes, whole, activation, count, y))
          // Padding lanes are undefined.
          const mine = (all: Float32Array) => all.filter((_, i) => i % wide < count)
          expectClose(mine(product.fast), mine(product.plain), 1e-4)
          used.push(rowsOfX, whole, activation)
        }
        for (const at of used) heap.free(at)
        m.free()
      }),
      { numRuns: 200 },
    )
  })

  it('put rows of a matrix out with their zeros', () => {
    fc.assert(
      fc.property(shapes, ({ rows, blocks, width, density, seed }) => {
        const next = numbers(seed)
        // The last block may reach beyond the last column.
        const m = sparse(rows, blocks, width, density, next, Math.abs(seed) % width)
        const out = floats(blocks * width, () => 0)
        const row = Math.abs(seed) % rows
        for (const run of [
          (k: Kernels) => k.embedFloat(m.ofFloats, row, out),
          (k: Kernels) => k.embedCoded(m.ofCodes, row, out),
        ]) {
          const { fast, plain } = both(kernels, out, blocks * width, run)
          expectClose(fast, plain, 1e-6)
        }
        heap.free(out)
        m.free()
      }),
      { numRuns: 50 },
    )
  })

  it('lay rows out as panels, and panels as rows', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 4, 8, 16),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 21 }),
        fc.constantFrom(0, 8),
        (lanes, most, features, more) => {
          const count = Math.min(lanes, most)
          const stride = 4 * Math.ceil(features / 4) + 4
          const room = 4 * Math.ceil(features / 4) + more
          const x = floats(count * stride, numbers(features))
          const panel = floats(room * lanes, () => 7)
          const laid = both(kernels, panel, room * lanes, k =>
            k.toPanel(x, 4 * stride, features, count, room, lanes, panel),
          )
          expect(laid.fast).toEqual(laid.plain)
          const y = floats(count * stride, () => 0)
          if (lanes > 1) {
            const back = both(kernels, y, count * stride, k =>
              k.fromPanel(panel, lanes, features, count, y, 4 * stride),
            )
            const rowsOf = (all: Float32Array) => all.filter((_, i) => i % stride < features)
            expect(rowsOf(back.fast)).toEqual(rowsOf(heap.floats(x, count * stride)))
            expect(rowsOf(back.plain)).toEqual(rowsOf(back.fast))
          }
          for (const from of [x, 0]) {
            const filled = both(kernels, panel, room * lanes, k => k.fillPanel(from, features, lanes, panel))
            expect(filled.fast).toEqual(filled.plain)
          }
          for (const at of [x, panel, y]) heap.free(at)
        },
      ),
    )
  })

  it('put rows of equally many blocks next to each other', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 25 }), ({ rows, blocks, width, density, seed }, window) => {
        const m = sparse(rows, blocks, width, density, numbers(seed))
        const read = () => {
          const starts = [...heap.integers(m.starts, rows + 1)]
          const values = heap.floats(m.values, starts[rows] * width).slice()
          const indices = heap.shorts(m.indices, starts[rows]).slice()
          return Array.from({ length: rows }, (_, r) => {
            const [from, to] = [starts[r], starts[r + 1]]
            return [...indices.slice(from, to), ...values.slice(from * width, to * width)]
          })
        }
        const before = read()
        const room = heap.allocate(4 * (blocks + window) + 64 + rows * blocks * (4 * width + 2))
        kernels.loading?.sortRows(
          ...([m.starts, m.order, m.indices, m.values, 4 * width] as const),
          rows,
          window,
          blocks,
          room,
        )
        const after = read()
        const order = [...heap.integers(m.order, rows)]
        expect(order.map(r => before[r])).toEqual(after)
        expect([...order].sort((a, b) => a - b)).toEqual(before.map((_, r) => r))
        for (let i = 1; i < rows; i++) {
          expect(Math.floor(order[i] / window)).toBe(Math.floor(i / window))
          if (i % window > 0) expect(after[i].length).toBeGreaterThanOrEqual(after[i - 1].length)
        }
        heap.free(room)
        m.free()
      }),
      { numRuns: 100 },
    )
  })

  it('step LSTM cells, also where a mask keeps some as they are', () => {
    for (const units of [1, 7, 8])
      for (const scale of [1, 20, 200]) {
        const next = numbers(units)
        const [rows, stride, apart] = [5, 4 * units + 4, 12]
        const z = floats(rows * stride, () => scale * next())
        const state = floats(2 * rows * apart, next)
        const mask = heap.allocate(4 * rows)
        heap.integers(mask, rows).forEach((_, i, all) => {
          all[i] = i % 3
        })
        for (const use of [0, mask]) {
          const { fast, plain } = both(kernels, state, 2 * rows * apart, k =>
            k.lstmCell(z, 4 * stride, state, state + 4 * rows * apart, 4 * apart, units, rows, use),
          )
          const mine = (all: Float32Array) => all.filter((_, i) => i % apart < units)
          expectClose(mine(fast), mine(plain), 1e-6)
        }
        for (const at of [z, state, mask]) heap.free(at)
      }
  })

  it('keep what is not a number so', () => {
    const [rows, units] = [1, 4]
    const z = floats(4 * units, () => Number.NaN)
    const state = floats(2 * units, () => 0)
    kernels.lstmCell(z, 16 * units, state, state + 4 * units, 4 * units, units, rows, 0)
    expect([...heap.floats(state, 2 * units)].every(Number.isNaN)).toBe(true)
    kernels.topTokens(z, 16, 1, state, state + 4)
    expect(heap.floats(state + 4, 1)[0]).toBeNaN()
    heap.floats(z, 16).forEach((_, i, all) => {
      all[i] = i === 5 ? Number.NaN : i / 10
    })
    kernels.topTokens(z, 16, 1, state, state + 4)
    expect(heap.floats(state + 4, 1)[0]).toBeNaN()
    heap.floats(z, 1)[0] = Number.NaN
    kernels.tanhAll(z, 4)
    expect(heap.floats(z, 1)[0]).toBeNaN()
    for (const at of [z, state]) heap.free(at)
  })

  it('take hyperbolic tangents', () => {
    const next = numbers(5)
    const x = floats(64, () => 10 * next())
    const { fast, plain } = both(kernels, x, 64, k => k.tanhAll(x, 64))
    expectClose(fast, plain, 1e-6)
    heap.free(x)
  })

  it('attend, by products and by a vector', () => {
    for (const positions of [1, 2, 13]) {
      const next = numbers(positions)
      const n = positions === 2 ? 131 : 12
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
    for (const [vocabulary, count] of [
      [8, 8],
      [5000, 8],
      [333, 5],
      [5, 1],
      [3, 2],
    ]) {
      const next = numbers(vocabulary)
      const logits = floats(vocabulary, () => Math.round(40 * next()) / 4)
      const [ids, scores] = [heap.allocate(4 * count), heap.allocate(4 * count)]
      const run = (k: Kernels) => {
        k.topTokens(logits, vocabulary, count, ids, scores)
        return { ids: [...heap.integers(ids, count)], scores: heap.floats(scores, count).slice() }
      }
      const [fast, plain] = [run(kernels), run(scalar)]
      expect(fast.ids).toEqual(plain.ids)
      expectClose(fast.scores, plain.scores, 1e-6)
      for (const at of [logits, ids, scores]) heap.free(at)
    }
  })

  it('leave nothing behind', () => expect(heap.used).toBe(0))
})
