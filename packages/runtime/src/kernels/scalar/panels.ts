/** Rows of activations as panels, [features][lanes], and back: assembly/panel.ts. */
import type { Kernels } from '../interface.ts'
import type { KernelMemory } from '../memory.ts'
import { f32View } from './views.ts'

export function panelKernels(memory: KernelMemory): Pick<Kernels, 'toPanel' | 'fillPanel' | 'fromPanel'> {
  return {
    toPanel(x, stride, features, count, capacity, lanes, panel) {
      const f = f32View(memory)
      f.fill(0, panel >> 2, (panel >> 2) + capacity * lanes)
      for (let row = 0; row < count; row++)
        for (let i = 0; i < features; i++) f[(panel >> 2) + i * lanes + row] = f[((x + row * stride) >> 2) + i]
    },
    fillPanel(x, features, lanes, panel) {
      const f = f32View(memory)
      for (let i = 0; i < features; i++)
        f.fill(x ? f[(x >> 2) + i] : 0, (panel >> 2) + i * lanes, (panel >> 2) + (i + 1) * lanes)
    },
    fromPanel(panel, lanes, features, count, y, stride) {
      const f = f32View(memory)
      for (let row = 0; row < count; row++)
        for (let i = 0; i < features; i++) f[((y + row * stride) >> 2) + i] = f[(panel >> 2) + i * lanes + row]
    },
  }
}
