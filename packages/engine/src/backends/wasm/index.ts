/** The backend that runs programs in WebAssembly: in Node, in a page, in a worker; it needs no package. */
import type { Backend } from '../backend.ts'
import { WasmArray } from './arrays.ts'
import { createKernels, type KernelKind } from './kernels.ts'
import { WasmProgram } from './program.ts'

export type { KernelKind } from './kernels.ts'

export interface WasmOptions {
  /** Which kernels: with fused multiply-adds (`relaxed-simd`) or without (`simd`); default: the fastest that run here. */
  readonly kernels?: KernelKind
}

/**
 * Makes a memory of its own and the kernels over it. Arrays that are placed or bound are copied there: to see what updates
 * write, read the array that was placed. float32 is fast; other types are computed by plain TypeScript.
 * @throws BackendError `no-webassembly`: the engine has none, or none with SIMD, or a page's policy forbids it
 */
export async function wasmBackend(options: WasmOptions = {}): Promise<Backend> {
  const { memory, kernels } = await createKernels(options.kernels)
  return {
    name: 'wasm',
    place: value => new WasmArray(memory, value),
    compile: async source => new WasmProgram(memory, kernels, source),
  }
}
