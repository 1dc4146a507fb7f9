/** Safetensors files written by hand, as any program might. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from '../support.ts'

export interface HandMadeTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

export const bytesOf = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
export const f32 = (shape: readonly number[], values: Iterable<number>): HandMadeTensor => ({
  dtype: 'F32',
  shape,
  bytes: bytesOf(Float32Array.from(values)),
})

/** A file's bytes: its header's text, unpadded, and what follows. */
export function fileOf(header: string, ...data: Uint8Array[]): Uint8Array {
  const json = Buffer.from(header)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, ...data])
}

/** @param edit changes the header's text */
export async function handMadeFile(
  tensors: Readonly<Record<string, HandMadeTensor>>,
  edit = (header: string) => header,
): Promise<string> {
  const header: Record<string, unknown> = {}
  let offset = 0
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] }
    offset += bytes.length
  }
  return write(fileOf(edit(JSON.stringify(header)), ...Object.values(tensors).map(({ bytes }) => bytes)))
}

export async function write(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryDirectory(), 'model.safetensors')
  await writeFile(path, bytes)
  return path
}
