import { describe, expect, it } from 'vitest'
import { Heap } from '../../src/kernels/heap.ts'
import { createKernels } from '../../src/kernels/kernels.ts'
import type { PackedFileError } from '../../src/packed/error.ts'
import { checkHeader } from '../../src/packed/header.ts'
import { matrixFromSections } from '../../src/packed/load-matrix.ts'
import { encodePositions } from '../../src/packed/positions.ts'
import type { TensorSections } from '../../src/packed/reader.ts'
import { unpackTensor } from '../../src/packed/tensor.ts'
import { encodeValues } from '../../src/packed/values.ts'
import { WasmTensorReader } from '../../src/packed/wasm-reader.ts'

const [ROWS, COLUMNS] = [4, 24]

/** A tensor of floats of which every third weight is kept. */
function sparseTensor(change: (values: Float32Array) => void = () => {}): TensorSections {
  const kept = Uint8Array.from({ length: ROWS * COLUMNS }, (_, i) => Number(i % 3 === 0))
  const values = Float32Array.from({ length: kept.length / 3 }, (_, i) => i + 1)
  change(values)
  return {
    entry: { name: 'w', shape: [ROWS, COLUMNS], encoding: 'f32', block: [1, 1], kept: values.length },
    positions: encodePositions({ rows: ROWS, columns: COLUMNS, kept }),
    values: encodeValues(new Uint8Array(values.buffer), 4),
  }
}

/** The errors of both decoders, the one in TypeScript and the one in WebAssembly. */
async function bothErrors(sections: TensorSections): Promise<string[]> {
  const heap = Heap.create()
  const kernels = await createKernels(heap.memory, 'simd')
  if (!kernels.loading) throw new Error('the SIMD kernels have loading kernels')
  const reader = new WasmTensorReader(heap, kernels.loading)
  const errorOf = (read: () => unknown) => {
    try {
      read()
      return 'no error'
    } catch (error) {
      return (error as PackedFileError).message
    }
  }
  return [
    errorOf(() => unpackTensor(sections)),
    errorOf(() => matrixFromSections(heap, kernels, sections, { use: 'product' })),
    errorOf(() => matrixFromSections(heap, kernels, sections, { use: 'product', reader })),
  ]
}

describe('both decoders of tensors', () => {
  const whole = sparseTensor()
  it.each<[string, TensorSections, string]>([
    ['whole tensors', whole, 'no error'],
    [
      'truncated positions',
      { ...whole, positions: whole.positions?.subarray(0, 9) },
      'section w/positions: its coded data are damaged',
    ],
    [
      'more weights than there are positions',
      { ...whole, entry: { ...whole.entry, kept: 33 }, values: encodeValues(new Uint8Array(4 * 33), 4) },
      'section w/positions: its positions keep 32 weights, but the header says 33',
    ],
    [
      'truncated values',
      { ...whole, values: whole.values.subarray(0, 40) },
      'section w/values: its coded data are damaged',
    ],
    [
      'NaN',
      sparseTensor(values => values.set([Number.NaN, Number.NaN], 17)),
      'section w/values: number 17 is NaN; every number must be finite',
    ],
    [
      'an infinity',
      sparseTensor(values => values.set([Number.NEGATIVE_INFINITY], 31)),
      'section w/values: number 31 is -Infinity; every number must be finite',
    ],
    [
      'a code beyond the codebook',
      {
        entry: { ...whole.entry, encoding: 'codebook', kept: 32 },
        positions: whole.positions,
        codebook: new Uint8Array(4 * 3),
        values: encodeValues(
          Uint8Array.from({ length: 32 }, (_, i) => (i === 9 ? 3 : i % 3)),
          1,
        ),
      },
      'section w/values: value 9 is code 3 of a codebook of 3',
    ],
  ])('say the same of %s', async (_what, sections, message) => {
    expect(await bothErrors(sections)).toEqual([message, message, message])
  })

  it('refuse halves that are not finite, too', async () => {
    const halves = Uint16Array.from({ length: 32 }, (_, i) => (i === 5 ? 0x7e00 : 0x3c00))
    const sections: TensorSections = {
      ...whole,
      entry: { ...whole.entry, encoding: 'f16' },
      values: encodeValues(new Uint8Array(halves.buffer), 2),
    }
    const message = 'section w/values: number 5 is NaN; every number must be finite'
    expect(await bothErrors(sections)).toEqual([message, message, message])
  })
})

describe('the header of a tensor', () => {
  const header = (tensor: object) => ({
    generator: 'test',
    sections: [],
    tensors: [{ name: 'w', shape: [2, 3], encoding: 'f32', kept: 6, ...tensor }],
  })

  it.each<[object, string]>([
    [{ kept: 7 }, 'tensor w: kept is 7, of 6 weights'],
    [{ kept: 5 }, 'tensor w: it has no positions although some weights are pruned'],
    [{ shape: [1, 2, 3] }, 'tensor w: its shape is not at most two sizes'],
    [{ shape: [1, 65_537], kept: 65_537 }, 'tensor w: it has 65537 columns; at most 65536 can be'],
    [{ encoding: 'f64' }, 'tensor w: its encoding is not one of f32, f16, int8, codebook'],
    [{ block: [0, 1] }, 'tensor w: its block is not two sizes'],
    [{ name: '' }, 'a tensor has no name'],
  ])('is refused with %j', (tensor, message) => {
    expect(() => checkHeader(header(tensor))).toThrow(message)
  })

  it.each([[[]], [[0]], [[0, 5]], [[5, 0]], [[7]], [[70_000]]])('may have the shape %j', shape => {
    const kept = shape.reduce((a: number, b: number) => a * b, 1)
    expect(checkHeader(header({ shape, kept })).tensors[0].shape).toEqual(shape)
  })
})
