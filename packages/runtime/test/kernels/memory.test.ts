import { afterEach, describe, expect, it, vi } from 'vitest'
import { Heap } from '../../src/kernels/heap.ts'
import { createKernels, type fastestKernels } from '../../src/kernels/kernels.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const block = (heap: Heap, values: readonly number[]) => {
  const at = heap.allocate(4 * values.length)
  heap.floats(at, values.length).set(values)
  return at
}

describe('an engine without WebAssembly', () => {
  it('has scalar kernels, over a memory that keeps what is in it as it grows', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    const heap = Heap.create()
    const kernels = await createKernels(heap.memory)
    expect(kernels.loading).toBeUndefined()
    const x = block(heap, [0, 1, -1])
    for (let i = 0; i < 4; i++) heap.allocate(1 << 20)
    expect(heap.memory.buffer.byteLength).toBeGreaterThan(1 << 22)
    kernels.tanhAll(x, 3)
    expect([...heap.floats(x, 3)]).toEqual([0, 1, -1].map(v => Math.fround(Math.tanh(v))))
  })

  it('names the kernels that it cannot run', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    const { memory } = Heap.create()
    await expect(createKernels(memory, 'simd')).rejects.toMatchObject({ name: 'UserError', code: 'kernels' })
  })
})

describe('a policy that forbids WebAssembly', () => {
  it('leaves the scalar kernels', async () => {
    // A module of its own: kernels are compiled once. Node's types have no WebAssembly.
    vi.resetModules()
    const { createKernels, fastestKernels } = await import('../../src/kernels/kernels.ts')
    const { WebAssembly } = globalThis as unknown as { WebAssembly: { compile(): Promise<unknown> } }
    vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new Error('the policy forbids it'))
    expect(await fastestKernels()).toBe('scalar')
    const { memory } = Heap.create()
    expect((await createKernels(memory)).loading).toBeUndefined()
    await expect(createKernels(memory, 'simd')).rejects.toThrow('kernels simd do not run here: the policy forbids it')
    vi.restoreAllMocks()
  })
})

describe('an engine with few addresses', () => {
  /** Gives out memories that grow to `most` pages, no larger ones. */
  const limitMemory = (most: number) => {
    class Memory {
      constructor(readonly descriptor: { maximum: number }) {
        if (descriptor.maximum > most) throw new RangeError('out of memory')
      }
    }
    vi.stubGlobal('WebAssembly', { Memory })
  }

  it('gives as large a memory as it can', () => {
    limitMemory(5000)
    expect(Heap.create({ shared: true }).memory).toMatchObject({ descriptor: { maximum: 4096, shared: true } })
  })

  it('is said to have too little memory where it has none worth the name', () => {
    limitMemory(100)
    expect(() => Heap.create({ shared: true })).toThrow(expect.objectContaining({ code: 'out-of-memory' }))
  })
})

describe('kernels', () => {
  it('of an unknown kind are refused by name', async () => {
    // As plain JavaScript may call it.
    const asked = 'fast' as unknown as Awaited<ReturnType<typeof fastestKernels>>
    await expect(createKernels(Heap.create().memory, asked)).rejects.toMatchObject({ code: 'kernels' })
  })
})
