/** Rows of a sparse matrix with their zeros: assembly/embedding.ts. */
import type { Kernels, MatrixDescriptor } from '../interface.ts'
import type { KernelMemory } from '../memory.ts'
import { f32View, readDescriptor, u8View, u16View, u32View } from './views.ts'

function embed(
  memory: KernelMemory,
  { starts, indices, width, columns }: MatrixDescriptor,
  { row, out }: { readonly row: number; readonly out: number },
  weight: (index: number) => number,
): void {
  const [f, u, blocks] = [f32View(memory), u32View(memory), u16View(memory)]
  for (let k = u[(starts >> 2) + row]; k < u[(starts >> 2) + row + 1]; k++)
    for (let i = 0, column = blocks[(indices >> 1) + k] * width; i < width && column < columns; i++, column++)
      f[(out >> 2) + column] = weight(k * width + i)
}

export function embeddingKernels(memory: KernelMemory): Pick<Kernels, 'embedFloat' | 'embedCoded'> {
  return {
    embedFloat(pointer, row, out) {
      const [m, f] = [readDescriptor(memory, pointer), f32View(memory)]
      embed(memory, m, { row, out }, index => f[(m.values >> 2) + index])
    },
    embedCoded(pointer, row, out) {
      const [m, f, codes] = [readDescriptor(memory, pointer), f32View(memory), u8View(memory)]
      const scale = f[(m.scales >> 2) + row]
      embed(memory, m, { row, out }, index => scale * f[(m.table >> 2) + codes[m.values + index]])
    },
  }
}
