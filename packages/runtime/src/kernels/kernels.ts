/** Makes kernels over a memory: WebAssembly with SIMD where the engine runs it, plain TypeScript elsewhere. */

import { UserError } from '../errors.ts'
import { decodeBytes } from './decode-bytes.ts'
import type { KernelKind, Kernels, LoadingKernels } from './interface.ts'
import { hasWebAssembly, type KernelMemory } from './memory.ts'
import { MEMORY_FLAGS, MODULES } from './modules.ts'
import { scalarKernels } from './scalar/index.ts'

export type { KernelKind, Kernels } from './interface.ts'

/** The fastest kind that runs here. An engine may have WebAssembly while a page's policy forbids compiling it. */
export async function fastestKernels(shared = false): Promise<KernelKind> {
  const kind = supportedKernels()
  if (kind === 'scalar') return kind
  return compiled(kind, shared).then(
    () => kind,
    () => 'scalar',
  )
}

let supported: KernelKind | undefined

/** The fastest kind that the engine runs, unless a policy forbids it. */
function supportedKernels(): KernelKind {
  const has = (module: string) => hasWebAssembly() && WebAssembly.validate(decodeBytes(module))
  supported ??= has(MODULES['relaxed-simd']) ? 'relaxed-simd' : has(MODULES.simd) ? 'simd' : 'scalar'
  return supported
}

/** Modules by kind and sharing, each compiled once. */
const modules = new Map<string, Promise<WebAssembly.Module>>()

async function compiled(kind: 'simd' | 'relaxed-simd', shared: boolean): Promise<WebAssembly.Module> {
  const key = `${kind} ${shared}`
  let module = modules.get(key)
  if (!module) {
    const bytes = decodeBytes(MODULES[kind])
    if (shared) bytes[MEMORY_FLAGS.at] = MEMORY_FLAGS.shared
    module = WebAssembly.compile(bytes)
    modules.set(key, module)
  }
  return module
}

/**
 * Kernels over a memory.
 * @param asked which kind; default: the fastest that run here
 * @throws UserError `kernels` if the kind that was asked for does not run here
 */
export async function createKernels(memory: KernelMemory, asked?: KernelKind): Promise<Kernels> {
  const kind = asked ?? (await fastestKernels(isShared(memory)))
  if (kind === 'scalar') return scalarKernels(memory)
  if (kind !== 'simd' && kind !== 'relaxed-simd')
    throw new UserError('kernels', `kernels are ${kind}; they must be one of relaxed-simd, simd, scalar`)
  const module = await compiled(kind, isShared(memory)).catch(cause => {
    throw new UserError('kernels', `kernels ${kind} do not run here: ${cause.message}`, { cause })
  })
  const instance = await WebAssembly.instantiate(module, { env: { memory: memory as WebAssembly.Memory } })
  // The module exports a function for each name of both interfaces: assembly/index.ts.
  const kernels = instance.exports as unknown as Kernels & LoadingKernels
  return { ...kernels, loading: kernels }
}

/** Whether several threads can work on a memory. */
export function isShared({ buffer }: KernelMemory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}
