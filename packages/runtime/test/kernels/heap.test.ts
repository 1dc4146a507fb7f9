import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap } from '../../src/kernels/heap.ts'

describe('heap', () => {
  it('gives out blocks that do not overlap, and takes them back', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ bytes: fc.nat(5000), free: fc.boolean() }), { maxLength: 60 }), steps => {
        const heap = Heap.create()
        const blocks: { at: number; bytes: number }[] = []
        for (const { bytes, free } of steps) {
          if (free && blocks.length > 0) heap.free(blocks.splice(bytes % blocks.length, 1)[0].at)
          const at = heap.allocate(bytes)
          expect(at % 64).toBe(0)
          expect(at + bytes).toBeLessThanOrEqual(heap.memory.buffer.byteLength)
          for (const other of blocks) expect(at + bytes <= other.at || at >= other.at + other.bytes).toBe(true)
          blocks.push({ at, bytes: Math.max(64, bytes) })
        }
        for (const { at } of blocks) heap.free(at)
        expect(heap.used).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('uses memory again that was given back, whatever its order', () => {
    const heap = Heap.create()
    const blocks = Array.from({ length: 10 }, () => heap.allocate(100_000))
    const size = heap.memory.buffer.byteLength
    for (const i of [3, 1, 9, 0, 2, 8, 4, 7, 5, 6]) heap.free(blocks[i])
    heap.allocate(1_000_000)
    expect(heap.memory.buffer.byteLength).toBe(size)
    expect(() => heap.free(12_345)).toThrow(/no block/)
  })
})
