/** LSTM cells: assembly/cell.ts. */
import type { Kernels } from '../interface.ts'
import type { KernelMemory } from '../memory.ts'
import { f32View, u32View } from './views.ts'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

export function cellKernels(memory: KernelMemory): Pick<Kernels, 'lstmCell' | 'tanhAll'> {
  return {
    lstmCell(z, stride, c, h, stateStride, units, rows, mask) {
      const [f, u] = [f32View(memory), u32View(memory)]
      for (let row = 0; row < rows; row++) {
        if (mask && u[(mask >> 2) + row] === 0) continue
        const [gates, cells, states] = [z + row * stride, c + row * stateStride, h + row * stateStride]
        for (let i = 0; i < units; i++) {
          const [zi, zf, zg, zo] = [0, 1, 2, 3].map(g => f[(gates >> 2) + g * units + i])
          const cell = sigmoid(zf) * f[(cells >> 2) + i] + sigmoid(zi) * Math.tanh(zg)
          f[(cells >> 2) + i] = cell
          f[(states >> 2) + i] = sigmoid(zo) * Math.tanh(cell)
        }
      }
    },
    tanhAll(x, count) {
      const f = f32View(memory)
      for (let i = x >> 2; i < (x >> 2) + count; i++) f[i] = Math.tanh(f[i])
    },
  }
}
