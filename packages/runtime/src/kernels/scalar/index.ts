/**
 * The kernels in plain TypeScript: for engines without SIMD, and the reference that tests compare the fast ones with. Same
 * names and same pointers; assembly/ documents them.
 */
import type { Kernels } from '../interface.ts'
import type { KernelMemory } from '../memory.ts'
import { attentionKernels } from './attention.ts'
import { cellKernels } from './cell.ts'
import { embeddingKernels } from './embedding.ts'
import { panelKernels } from './panels.ts'
import { productKernels } from './products.ts'
import { quantizationKernels } from './quantization.ts'
import { tokenKernels } from './top-tokens.ts'

export function scalarKernels(memory: KernelMemory): Kernels {
  return {
    ...productKernels(memory),
    ...quantizationKernels(memory),
    ...panelKernels(memory),
    ...embeddingKernels(memory),
    ...cellKernels(memory),
    ...attentionKernels(memory),
    ...tokenKernels(memory),
  }
}
