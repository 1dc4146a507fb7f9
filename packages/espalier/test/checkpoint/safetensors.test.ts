import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toFloat32, withZeros } from '../../src/checkpoint/float-types.ts'
import {
  type NamedTensor,
  readSafetensors,
  replaceTensors,
  type TensorData,
  writeSafetensors,
} from '../../src/checkpoint/safetensors.ts'
import { temporaryDirectory } from '../support.ts'
import { bytesOf, f32, fileOf, handMadeFile, write } from './hand-made.ts'

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
        // A change in the header may name something else (a tensor, its type, a piece of metadata); numbers are never wrong.
        if (result instanceof Error) expect(result.name).toBe('UserError')
        else
          for (const [name, tensor] of result.tensors)
            if (tensors.get(name)?.dtype === tensor.dtype) expect(tensor.data).toEqual(tensors.get(name)!.data)
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    [{ w: { dtype: 'F32', shape: [1e15], data_offsets: [0, 4e15] } }, /truncated/],
    [{ w: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, /4 bytes for shape/],
    [{ w: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, /not described/],
    [{ w: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, /begins at byte 4/],
    [{ w: { dtype: 'F32', shape: [1], data_offsets: [4, 0] } }, /begins at byte 4/],
    [
      { w: { dtype: 'F32', shape: [], data_offsets: [0, 4] }, v: { dtype: 'U8', shape: [2], data_offsets: [2, 4] } },
      /overlap/,
    ],
    [
      { w: { dtype: 'U8', shape: [1], data_offsets: [0, 1] }, v: { dtype: 'U8', shape: [2], data_offsets: [2, 4] } },
      /gap/,
    ],
    [{ w: { dtype: 'F4', shape: [3], data_offsets: [0, 2] } }, /2 bytes for shape \[3\] of F4/],
    [{ w: { dtype: 'U8', shape: [3], data_offsets: [0, 3] } }, /1 bytes after the last tensor/],
    [{ __metadata__: [] }, /metadata/],
    [[], /not a JSON object/],
  ])('with the header %j are refused', async (header, message) => {
    const path = join(await temporaryDirectory(), 'x.safetensors')
    await writeFile(path, fileOf(JSON.stringify(header), new Uint8Array(4)))
    await expect(readSafetensors(path)).rejects.toThrow(message)
  })

  it.each([
    [
      '{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}',
      /names w twice/,
    ],
    [
      '{"\\u0077":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}',
      /names w twice/,
    ],
    ['{"w":{"dtype":"U8","dtype":"I8","shape":[4],"data_offsets":[0,4]}}', /names dtype twice/],
    ['{"__metadata__":{"a":"","a":""},"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', /names a twice/],
  ])('that name something twice are refused: %s', async (header, message) => {
    await expect(readSafetensors(await write(fileOf(header, new Uint8Array(4))))).rejects.toThrow(message)
  })

  it('may have names and texts that look like JSON', async () => {
    const name = 'a"b\\{"w":1,"w":2}'
    const path = await handMadeFile({ [name]: f32([1], [1]) })
    expect([...(await readSafetensors(path)).tensors.keys()]).toEqual([name])
  })

  it('of other programs: null and odd metadata, keys that happen to be ours, types that nobody here knows', async () => {
    const tensors = { b: f32([1], [1]), a: { dtype: 'F9_NEW', shape: [7], bytes: Uint8Array.of(1, 2, 3) } }
    for (const metadata of [
      'null',
      '{"sha256":"0123abcd","format":"pt"}',
      '{"epoch":3,"nested":{"a":[1]},"format":"pt"}',
    ]) {
      const path = await handMadeFile(tensors, json => json.replace('{', `{"__metadata__":${metadata},`))
      const file = await readSafetensors(path, { foreign: true })
      expect(file.metadata.format).toBe(metadata === 'null' ? undefined : 'pt')
      expect(file.tensors.get('a')).toEqual({ dtype: 'F9_NEW', shape: [7], data: Uint8Array.of(1, 2, 3) })
      expect(Buffer.concat(replaceTensors(file, new Map()))).toEqual(await readFile(path))
    }
  })

  it('with a header beyond what the format allows are refused, before it is read', async () => {
    const path = await write(new Uint8Array(0))
    const file = await open(path, 'r+')
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(100_000_001n)
    await file.write(length)
    await file.truncate(100_000_100)
    await file.close()
    await expect(readSafetensors(path)).rejects.toThrow('a header of 100000001 bytes; the format allows 100000000')
  })

  it('of ours are still known as such when tensors are replaced, and refused when altered', async () => {
    const path = join(await temporaryDirectory(), 'x.safetensors')
    await writeSafetensors(path, tensors, { format: 'espalier' })
    const file = await readSafetensors(path)
    const w = Float32Array.of(6, 5, 4, 3, 2, 1)
    await writeFile(path, Buffer.concat(replaceTensors(file, new Map([['w', w]]))))
    expect((await readSafetensors(path, { foreign: true })).tensors.get('w')!.data).toEqual(w)
    const bytes = await readFile(path)
    bytes[bytes.length - 1] ^= 1
    await writeFile(path, bytes)
    await expect(readSafetensors(path, { foreign: true })).rejects.toThrow('the file was altered')
  })
})

describe('floating-point types', () => {
  const read = (dtype: string, data: TensorData) => toFloat32({ dtype, shape: [data.length], data })!
  it('F16 and BF16 are read exactly, all 65,536 of them', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i)
    const halves = read('F16', bits)
    // Half precision has its own view of numbers in newer engines; here its definition is written out.
    for (let i = 0; i < 65536; i++) {
      const [sign, exponent, fraction] = [i >> 15 ? -1 : 1, (i >> 10) & 31, i & 1023]
      const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25)
      const value = exponent === 31 ? (fraction ? Number.NaN : Number.POSITIVE_INFINITY) : size
      expect(Object.is(halves[i], sign * value)).toBe(true)
    }
    const upper = new Uint16Array(read('BF16', bits).buffer).filter((_, i) => i % 2 === 1)
    expect(upper).toEqual(bits)
  })
  it('F64 becomes the nearest float, never infinite or zero unless it is', () => {
    const values = [0, -0, 1e-300, -1e-300, 1e300, -1e300, 0.1, Number.POSITIVE_INFINITY]
    const largest = Math.fround(3.4028234663852886e38)
    expect([...read('F64', Float64Array.from(values))]).toEqual([
      0,
      -0,
      2 ** -149,
      -(2 ** -149),
      largest,
      -largest,
      Math.fround(0.1),
      Number.POSITIVE_INFINITY,
    ])
  })
  it('other types are not floats', () => {
    expect(toFloat32({ dtype: 'F8_E4M3', shape: [1], data: Uint8Array.of(1) })).toBeUndefined()
    expect(bytesOf(withZeros(Uint16Array.of(0x7c01, 0x8000, 5), Uint8Array.of(1, 1, 0)))).toEqual(
      bytesOf(Uint16Array.of(0x7c01, 0x8000, 0)),
    )
  })
})
