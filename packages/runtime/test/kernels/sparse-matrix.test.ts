import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  Activations,
  createKernels,
  createScratch,
  type DenseMatrix,
  embed,
  Heap,
  type KernelKind,
  matrixFromDense,
  multiply,
} from '../../src/kernels/index.ts'

/** A matrix with zeros, and activations for it, of small numbers that products are exact for. */
const cases = fc.record({
  rows: fc.integer({ min: 1, max: 12 }),
  columns: fc.integer({ min: 1, max: 40 }),
  batch: fc.integer({ min: 1, max: 20 }),
  width: fc.constantFrom(1, 4, 8),
  values: fc.constantFrom('f32' as const, 'int8' as const),
  kernels: fc.constantFrom<KernelKind>('simd', 'scalar'),
  seed: fc.nat(),
})

function denseProduct({ rows, columns, data, kept }: DenseMatrix, x: readonly number[]): number[] {
  return Array.from({ length: rows }, (_, row) =>
    x.reduce((sum, value, column) => {
      const i = row * columns + column
      return sum + (kept?.[i] === 0 ? 0 : data[i] * value)
    }, 0),
  )
}

it('matrices made of dense ones multiply and are looked up as these are', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ rows, columns, batch, width, values, kernels: kind, seed }) => {
      const heap = Heap.create()
      const kernels = await createKernels(heap.memory, kind)
      const data = Float32Array.from({ length: rows * columns }, (_, i) => ((i * 7919 + seed) % 255) - 127)
      const kept = Uint8Array.from(data, (_, i) => Number((i * 104_729 + seed) % 3 === 0))
      const dense = { rows, columns, data, kept }
      const matrix = matrixFromDense(heap, kernels, dense, { width, values })
      const x = new Activations(heap, columns, batch, { clear: true })
      const y = new Activations(heap, rows, batch)
      const inputs = Array.from({ length: batch }, (_, b) =>
        Array.from({ length: columns }, (_, i) => (((i + b) * 31 + seed) % 17) - 8),
      )
      inputs.forEach((row, b) => {
        heap.floats(x.row(b), columns).set(row)
      })
      multiply(kernels, [{ matrix, x }], y, createScratch(heap, [matrix]))
      inputs.forEach((row, b) => {
        const found = heap.floats(y.row(b), rows)
        // int8 rounds weights to 1/127 of a row's greatest, and int8 blocks round activations, too.
        const tolerance = values === 'f32' ? 1e-3 : 5 * columns
        denseProduct(dense, row).forEach((product, r) => {
          expect(Math.abs(found[r] - product)).toBeLessThan(tolerance)
        })
      })
      const lookup = matrixFromDense(heap, kernels, dense, { width, use: 'lookup' })
      const out = new Activations(heap, columns, 1, { clear: true })
      embed(kernels, lookup, rows - 1, out.pointer)
      const lastRow = Array.from(
        data.subarray((rows - 1) * columns),
        (value, i) => value * kept[(rows - 1) * columns + i],
      )
      expect([...heap.floats(out.pointer, columns)].map(value => value + 0)).toEqual(lastRow.map(value => value + 0))
    }),
    { numRuns: 60 },
  )
})

it('a matrix without a mask keeps all that is not zero', async () => {
  const heap = Heap.create()
  const kernels = await createKernels(heap.memory, 'scalar')
  const dense = { rows: 2, columns: 3, data: Float32Array.of(0, 2, 0, -1, 0, 3) }
  const matrix = matrixFromDense(heap, kernels, dense, { use: 'lookup' })
  const out = new Activations(heap, 3, 2, { clear: true })
  for (const row of [0, 1]) embed(kernels, matrix, row, out.row(row))
  expect([...heap.floats(out.row(0), 3), ...heap.floats(out.row(1), 3)]).toEqual([0, 2, 0, -1, 0, 3])
  expect(() => matrixFromDense(heap, kernels, dense, { width: 3 })).toThrow(RangeError)
})
