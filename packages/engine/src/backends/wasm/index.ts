/** The backend that runs programs in WebAssembly: in Node, in a page, in a worker; it needs no package. */
import type { Backend } from '../backend.ts'
import { WasmArray } from './arrays.ts'
import { Fusion } from './fusion/index.ts'
import { createKernels, type KernelKind, type KernelTime } from './kernels.ts'
import { WasmProgram } from './program.ts'

export type { KernelKind, KernelTime } from './kernels.ts'

export interface WasmOptions {
  /** Which kernels: with fused multiply-adds (`relaxed-simd`) or without (`simd`); default: the fastest that run here. */
  readonly kernels?: KernelKind
  /**
   * Threads that share the work, the one that runs programs among them: 1 (default) to 64. Where memory cannot be shared
   * (a page that is not isolated from other origins) there is one; the backend's `threads` says how many there are. Results
   * are the same with any number. A page should run programs in a worker: its own thread may not sleep while it waits.
   */
  readonly threads?: number
  /** Told how long each kernel took that may be divided: for measurements, which it makes a little slower. */
  onKernel?(time: KernelTime): void
}

/**
 * Makes a memory of its own and the kernels over it. Arrays that are placed or bound are copied there: to see what updates
 * write, read the array that was placed. float32 is fast; other types are computed by plain TypeScript.
 * @throws BackendError `no-webassembly`: the engine has none, or none with SIMD, or a page's policy forbids it;
 *   `out-of-memory`; `thread`: one does not start
 * @throws RangeError threads are not a whole number from 1 to 64
 */
export async function wasmBackend(options: WasmOptions = {}): Promise<Backend> {
  const { threads = 1 } = options
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 64))
    throw new RangeError(`threads are ${threads}; they have to be a whole number from 1 to 64`)
  const { memory, kernels } = await createKernels(options.kernels, threads, options.onKernel)
  const fusion = new Fusion(kernels)
  return {
    name: 'wasm',
    sparse: true,
    threads: kernels.threads,
    place: value => {
      kernels.check()
      return new WasmArray(memory, value)
    },
    compile: async source => {
      kernels.check()
      return WasmProgram.compile(memory, kernels, fusion, source)
    },
    release: () => kernels.release(),
    [Symbol.asyncDispose]: () => kernels.release(),
  }
}
