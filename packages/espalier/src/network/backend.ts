/** The backends of the engine that networks run on; each is loaded when it is first needed, so that nothing else waits for it. */
import { type Backend, BackendError, type Program, type ProgramSource } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import type { BackendKind } from '../configuration/backend-kinds.ts'

/** What opens backends for a training, which chooses between them. */
export interface BackendSource {
  /** Threads that programs run on, which the choice depends on. */
  readonly threads: number
  /** Opens a backend; the same one each time. @throws UserError where it is not there */
  open(kind: BackendKind): Promise<Backend>
}

export interface BackendsOptions {
  /** Threads of programs; default: as many as there are cores. */
  readonly threads?: number
}

/** The two backends, each opened when it is first asked for. Whoever makes this closes it. */
export class Backends implements BackendSource {
  readonly threads: number
  readonly #given: number | undefined
  readonly #open = new Map<BackendKind, Promise<Backend>>()

  constructor({ threads }: BackendsOptions = {}) {
    this.#given = threads
    this.threads = threads ?? coresHere()
  }

  open(kind: BackendKind): Promise<Backend> {
    const opened = this.#open.get(kind) ?? (kind === 'onnx' ? openOnnx(this.#given) : openWasm(this.threads))
    this.#open.set(kind, opened)
    return opened
  }

  /** Ends what backends started; programs have to be released before. */
  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#open.values())
    this.#open.clear()
    for (const result of opened) if (result.status === 'fulfilled') await result.value.release()
  }
}

async function openOnnx(threads: number | undefined): Promise<Backend> {
  const { onnxBackend } = await import('@espalier/engine/onnx')
  return asUserError(() => onnxBackend({ threads }))
}

/** More threads than this share no work. */
const MOST_WASM_THREADS = 64

async function openWasm(threads: number): Promise<Backend> {
  const { wasmBackend } = await import('@espalier/engine/wasm')
  return asUserError(() => wasmBackend({ threads: Math.min(threads, MOST_WASM_THREADS) }))
}

async function asUserError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BackendError) throw new UserError(error.code, error.message, { cause: error })
    throw error
  }
}

/**
 * The backend for whole arrays: ONNX Runtime, or WebAssembly where that is not installed.
 * @param threads inside an operator; default: as many as there are cores
 * @throws UserError `onnxruntime-does-not-load` where it is installed and does not work
 */
export async function openBackend(threads?: number): Promise<Backend> {
  try {
    return await openOnnx(threads)
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-onnxruntime') return openWasm(threads ?? coresHere())
    throw error
  }
}

/** Compiles one program on that backend. */
export async function compile(source: ProgramSource, threads?: number): Promise<Program> {
  const backend = await openBackend(threads)
  return backend.compile(source)
}

/** Cores, as Node says, or a page or a worker; 1 where neither does. */
function coresHere(): number {
  // Nothing of Node is imported, so that this loads in a page.
  const { process, navigator } = globalThis as {
    process?: { getBuiltinModule?(name: 'node:os'): { availableParallelism(): number } | undefined }
    navigator?: { readonly hardwareConcurrency?: number }
  }
  return process?.getBuiltinModule?.('node:os')?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1
}
