/** Products of sparse matrices with panels of activations: assembly/product.ts and blocks.ts. */
import type { Kernels, MatrixDescriptor } from '../interface.ts'
import type { KernelMemory } from '../memory.ts'
import { interleaved8 } from './quantization.ts'
import { f32View, i8View, i16View, readDescriptor, u8View, u16View, u32View } from './views.ts'

interface Panels {
  readonly x: number
  readonly y: number
  readonly lanes: number
}

/** y[row] += scale(row) · Σ weight · x, for all lanes. @param weight by its index among the matrix's values */
function multiply(
  memory: KernelMemory,
  { starts, order, indices, width, rows }: MatrixDescriptor,
  { x, y, lanes }: Panels,
  weight: (index: number) => number,
  scale: (row: number) => number,
): void {
  const [f, u, columns] = [f32View(memory), u32View(memory), u16View(memory)]
  const sums = new Float32Array(lanes)
  for (let i = 0; i < rows; i++) {
    const row = u[(order >> 2) + i]
    sums.fill(0)
    for (let k = u[(starts >> 2) + i]; k < u[(starts >> 2) + i + 1]; k++)
      for (let j = 0; j < width; j++) {
        const w = weight(k * width + j)
        const from = (x >> 2) + (columns[(indices >> 1) + k] * width + j) * lanes
        for (let lane = 0; lane < lanes; lane++) sums[lane] += w * f[from + lane]
      }
    const to = (y >> 2) + row * lanes
    for (let lane = 0; lane < lanes; lane++) f[to + lane] += scale(row) * sums[lane]
  }
}

/** Σ code · activation over the blocks of one row, for one lane. */
function blockSum(
  memory: KernelMemory,
  { indices, values }: MatrixDescriptor,
  blocks: { readonly from: number; readonly to: number },
  activations: (column: number) => number,
): number {
  const [codes, columns] = [i8View(memory), u16View(memory)]
  let sum = 0
  for (let k = blocks.from; k < blocks.to; k++)
    for (let j = 0; j < 8; j++) sum += codes[values + k * 8 + j] * activations(columns[(indices >> 1) + k] * 8 + j)
  return sum
}

export function productKernels(
  memory: KernelMemory,
): Pick<Kernels, 'multiplyFloat' | 'multiplyCoded' | 'multiplyBlocks'> {
  return {
    multiplyFloat(pointer, x, lanes, y) {
      const [m, f] = [readDescriptor(memory, pointer), f32View(memory)]
      const weight = (index: number) => f[(m.values >> 2) + index]
      multiply(memory, m, { x, y, lanes }, weight, () => 1)
    },
    multiplyCoded(pointer, x, lanes, y) {
      const [m, f, codes] = [readDescriptor(memory, pointer), f32View(memory), u8View(memory)]
      const weight = (index: number) => f[(m.table >> 2) + codes[m.values + index]]
      multiply(memory, m, { x, y, lanes }, weight, row => f[(m.scales >> 2) + row])
    },
    multiplyBlocks(pointer, x, activationScales, count, y) {
      const m = readDescriptor(memory, pointer)
      const [f, u, activations] = [f32View(memory), u32View(memory), i16View(memory)]
      const lanes = count === 1 ? 1 : count > 4 ? 8 : 4
      for (let lane = 0; lane < count; lane++)
        for (let i = 0; i < m.rows; i++) {
          const row = u[(m.order >> 2) + i]
          const blocks = { from: u[(m.starts >> 2) + i], to: u[(m.starts >> 2) + i + 1] }
          const sum = blockSum(memory, m, blocks, column => activations[(x >> 1) + interleaved8(column, lane, count)])
          f[(y >> 2) + row * lanes + lane] += f[(m.scales >> 2) + row] * f[(activationScales >> 2) + lane] * sum
        }
    },
  }
}
