import { crc32 as reference } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Heap } from '../../src/kernels/heap.ts'
import { createKernels } from '../../src/kernels/kernels.ts'
import { crc32 } from '../../src/packed/crc32.ts'
import { WasmTensorReader } from '../../src/packed/wasm-reader.ts'

const bytes = fc.uint8Array({ maxLength: 100 })

it('is that of zlib, of the whole and of parts', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      expect(crc32(first)).toBe(reference(first))
      expect(crc32(second, crc32(first))).toBe(reference(Buffer.concat([first, second])))
    }),
  )
})

it('is the same from WebAssembly', async () => {
  const heap = Heap.create()
  const { loading } = await createKernels(heap.memory, 'simd')
  if (!loading) throw new Error('the SIMD kernels have loading kernels')
  const reader = new WasmTensorReader(heap, loading)
  fc.assert(
    fc.property(bytes, data => {
      expect(reader.checksum(data)).toBe(reference(data))
    }),
  )
  reader.free()
  expect(heap.used).toBe(0)
})
