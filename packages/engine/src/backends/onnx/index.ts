/** The backend that runs programs with ONNX Runtime in Node, and ONNX files of programs. */
import { BackendError } from '../../errors.ts'
import type { Backend } from '../backend.ts'
import type { OnnxOptions } from './options.ts'
import { compileSession, HostArray, type OnnxRuntime } from './session.ts'

export { type ExportOptions, exportOnnx } from './export.ts'
export {
  type AttributeProto,
  decodeModel,
  encodeModel,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './format.ts'
export type { OnnxOptions } from './options.ts'

/** This file is Node's; the engine is compiled without Node's types, so that the rest of it needs none. */
declare const process: { readonly env: Record<string, string | undefined> }

/**
 * Loads ONNX Runtime. Arrays that are bound stay where they are, in JavaScript's memory: a run writes an update into the
 * very array that was bound. Its telemetry is off, unless ORT_DISABLE_TELEMETRY in the environment says otherwise.
 * @throws BackendError `no-onnxruntime`: it is not installed; `onnxruntime-does-not-load`: it does not work here
 */
export async function onnxBackend(options: OnnxOptions = {}): Promise<Backend> {
  const runtime = await loadRuntime()
  return {
    name: 'onnx',
    sparse: false,
    threads: options.threads,
    place: value => new HostArray(value),
    compile: source => compileSession(runtime, source, options),
    // Sessions end with their programs; nothing else was started.
    release: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

async function loadRuntime(): Promise<OnnxRuntime> {
  // It gathers telemetry otherwise, and leaves two files in the system's temporary directory for each process.
  process.env.ORT_DISABLE_TELEMETRY ??= '1'
  try {
    return await import('onnxruntime-node')
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes("'onnxruntime-node'"))
      throw new BackendError(
        'no-onnxruntime',
        'ONNX Runtime is not installed; install it with `npm install --ignore-scripts onnxruntime-node@1.30.0`, or let ' +
          'WebAssembly compute, which needs no package',
      )
    throw new BackendError('onnxruntime-does-not-load', `ONNX Runtime does not load here: ${message}`, { cause: error })
  }
}
