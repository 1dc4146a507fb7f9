import { PackedReader, TEXT_SECTION, unpackTensor, writePacked, writeTexts } from '@espalier/runtime/packed'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packTensor } from '../../src/packing/pack.ts'

/** A tensor written to a file of its own and read again. */
async function writtenAndRead(
  shape: readonly number[],
  data: Float32Array,
  kept: Uint8Array | undefined,
  values: 'f32' | 'f16' | 'int8' | 'codebook',
) {
  const { entry, sections } = packTensor('w', { shape, data }, kept, { values })
  const text = { name: TEXT_SECTION, bytes: await writeTexts(new Map()) }
  const parts = writePacked({ generator: 'test', tensors: [entry] }, [text, ...sections])
  const file = await PackedReader.open(new Uint8Array(Buffer.concat(parts)))
  await file.section(TEXT_SECTION)
  const found = unpackTensor(await file.tensor(file.header.tensors[0]))
  await file.finish()
  return { entry, found }
}

const shapes = fc.oneof(
  fc.constantFrom<number[]>([], [0], [0, 5], [5, 0], [1], [1, 1]),
  fc.tuple(fc.integer({ min: 1, max: 30 })),
  fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
)

describe('a packed tensor', () => {
  it('has the same weights and the same mask: scalars, vectors, matrices and empty ones', async () => {
    const tensors = shapes.chain(shape => {
      const size = shape.reduce((a, b) => a * b, 1)
      return fc.record({
        shape: fc.constant(shape),
        data: fc.float32Array({ minLength: size, maxLength: size, noNaN: true, noDefaultInfinity: true }),
        kept: fc.option(fc.uint8Array({ minLength: size, maxLength: size, max: 1 }), { nil: undefined }),
      })
    })
    await fc.assert(
      fc.asyncProperty(tensors, async ({ shape, data, kept }) => {
        const { entry, found } = await writtenAndRead(shape, data, kept, 'f32')
        expect(entry.shape).toEqual(shape)
        expect(entry.kept).toBe(kept ? kept.filter(mark => mark === 1).length : data.length)
        expect(found.data).toEqual(kept ? data.map((value, i) => (kept[i] ? value : 0)) : data)
        expect(found.kept).toEqual(kept)
      }),
    )
  })

  it.each(['f16', 'int8', 'codebook'] as const)('of no weights is possible as %s, too', async values => {
    for (const shape of [[0], [0, 5], [5, 0]]) {
      const { found } = await writtenAndRead(shape, new Float32Array(), undefined, values)
      expect(found.data).toHaveLength(0)
    }
    const { found } = await writtenAndRead([3, 4], new Float32Array(12).fill(2), new Uint8Array(12), values)
    expect(found.data).toEqual(new Float32Array(12))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('cannot hold %d, which is refused by its place', value => {
    const data = new Float32Array(6).fill(1)
    data[4] = value
    expect(() => packTensor('w', { shape: [2, 3], data }, undefined, { values: 'f32' })).toThrow(`w[1, 1] is ${value}`)
  })
})
