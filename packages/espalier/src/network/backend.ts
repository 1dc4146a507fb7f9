/** Which backend of the engine networks run on; loaded when a program is first compiled, so that nothing else waits for it. */
import { type Backend, BackendError, type Program, type ProgramSource } from '@espalier/engine'
import { UserError } from '@espalier/runtime'

/**
 * The backend: ONNX Runtime.
 * @param threads inside an operator; default: as many as there are cores
 * @throws UserError `no-onnxruntime` where it is not installed, `onnxruntime-does-not-load` where it does not work
 */
export async function openBackend(threads?: number): Promise<Backend> {
  const { onnxBackend } = await import('@espalier/engine/onnx')
  try {
    return await onnxBackend({ threads })
  } catch (error) {
    if (error instanceof BackendError) throw new UserError(error.code, error.message, { cause: error })
    throw error
  }
}

/** Compiles one program on that backend. */
export async function compile(source: ProgramSource, threads?: number): Promise<Program> {
  const backend = await openBackend(threads)
  return backend.compile(source)
}
