import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../src/checkpoint/safetensors.ts'
import { temporaryDirectory } from '../support.ts'

const tensors = new Map<string, NamedTensor>([
  ['w', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -0) }],
  ['mask', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) }],
  ['empty', { dtype: 'F64', shape: [0, 4], data: new Float64Array(0) }],
])

describe('safetensors', () => {
  it('come back as they were written', async () => {
    const path = join(await temporaryDirectory(), 'x.safetensors')
    await writeSafetensors(path, tensors, { note: 'grün' })
    const read = await readSafetensors(path)
    expect(read.tensors).toEqual(tensors)
    expect(read.metadata.note).toBe('grün')
  })

  it('are laid out as the format says', async () => {
    const path = join(await temporaryDirectory(), 'x.safetensors')
    await writeSafetensors(path, new Map([['w', tensors.get('w')!]]))
    const bytes = await readFile(path)
    const length = Number(bytes.readBigUInt64LE(0))
    expect(length % 8).toBe(0)
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'))
    expect(header.w).toEqual({ dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] })
    expect(bytes.readFloatLE(8 + length + 4)).toBe(2)
    expect(bytes.length).toBe(8 + length + 24)
  })

  it('are refused, never misread, where a byte is missing or changed', async () => {
    const path = join(await temporaryDirectory(), 'x.safetensors')
    await writeSafetensors(path, tensors, { a: 'b' })
    const whole = await readFile(path)
    for (let size = 0; size < whole.length; size += 7) {
      await writeFile(path, whole.subarray(0, size))
      await expect(readSafetensors(path)).rejects.toMatchObject({ name: 'UserError' })
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const altered = Uint8Array.from(whole)
        altered[at] ^= change
        await writeFile(path, altered)
        const result = await readSafetensors(path).catch((error: Error) => error)
        // A change in the header may name something else (a tensor, a piece of metadata); numbers are never wrong.
        if (result instanceof Error) expect(result.name).toBe('UserError')
        else
          for (const [name, tensor] of result.tensors)
            if (tensors.has(name)) expect(tensor.data).toEqual(tensors.get(name)!.data)
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    [{ w: { dtype: 'F32', shape: [1e15], data_offsets: [0, 4e15] } }, /truncated/],
    [{ w: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, /4 bytes for shape/],
    [{ w: { dtype: 'F7', shape: [1], data_offsets: [0, 4] } }, /type F7; known are F32/],
    [{ w: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, /not described/],
    [{ w: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, /begins at byte 4/],
    [{ __metadata__: { a: 1 } }, /metadata/],
  ])('with the header %j are refused', async (header, message) => {
    const path = join(await temporaryDirectory(), 'x.safetensors')
    const json = Buffer.from(JSON.stringify(header))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(json.length))
    await writeFile(path, Buffer.concat([length, json, Buffer.alloc(4)]))
    await expect(readSafetensors(path)).rejects.toThrow(message)
  })
})
