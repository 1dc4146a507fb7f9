/** Activations as 16-bit integers: assembly/blocks.ts. */
import type { Kernels } from '../interface.ts'
import type { KernelMemory } from '../memory.ts'
import { f32View, i16View } from './views.ts'

/** The index of a feature of a row in [features / 8][rows][8]. */
export const interleaved8 = (feature: number, row: number, rows: number) =>
  ((feature >> 3) * rows + row) * 8 + (feature & 7)

/** Rounds to the nearest integer, halves to the even one, as WebAssembly does. */
function roundEven(x: number): number {
  const down = Math.floor(x)
  const rest = x - down
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down
}

export function quantizationKernels(memory: KernelMemory): Pick<Kernels, 'quantize'> {
  return {
    quantize(x, stride, features, count, limit, out, scales) {
      const [f, q] = [f32View(memory), i16View(memory)]
      for (let row = 0; row < count; row++) {
        const from = (x + row * stride) >> 2
        let largest = 1e-20
        for (let i = 0; i < features; i++) largest = Math.max(largest, Math.abs(f[from + i]))
        f[(scales >> 2) + row] = largest / limit
        for (let i = 0; i < features; i++)
          q[(out >> 1) + interleaved8(i, row, count)] = roundEven((f[from + i] * limit) / largest)
      }
    },
  }
}
