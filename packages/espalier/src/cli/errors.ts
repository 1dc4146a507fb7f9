/** What the command line says of an error, and the exit status that goes with it. */
import { UserError } from '@espalier/runtime'
import { describeFileError } from '../storage/file-errors.ts'

/** Codes of user errors that are no mistake of usage or input: the work itself failed. */
const FAILED_AT_WORK = new Set([
  'diverged',
  'nothing-to-train',
  'lock-lost',
  'input-changed',
  'out-of-memory',
  'worker',
  'kernels',
  'no-onnxruntime',
  'onnxruntime-does-not-load',
  'no-webassembly',
  'thread',
])

/** Errors of the file system that are no mistake in a path: the machine ran out of something. */
const MACHINE_FAULTS = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EFBIG', 'EIO', 'ESTALE', 'EBUSY'])

const OUT_OF_MEMORY =
  /array buffer allocation failed|invalid (typed )?array (buffer )?length|bad_alloc|out of memory|failed to allocate/iu

export interface ErrorDescription {
  readonly message: string
  readonly status: 1 | 2
}

/**
 * @param options.debug also gives the stack of an error that nobody foresaw
 */
export function describeError(error: unknown, { debug = false } = {}): ErrorDescription {
  if (error instanceof UserError) return { message: error.message, status: FAILED_AT_WORK.has(error.code) ? 1 : 2 }
  const { code, message, stack } = asError(error)
  const ofFile = describeFileError(error)
  if (ofFile !== undefined) return { message: ofFile, status: MACHINE_FAULTS.has(code ?? '') ? 1 : 2 }
  if (code === 'ERR_WORKER_OUT_OF_MEMORY' || OUT_OF_MEMORY.test(message))
    return {
      message: `memory ran out (${firstLine(message)}); use a smaller --batch, --beam, training.batchSize or model`,
      status: 1,
    }
  const report = `an unexpected error: ${firstLine(message)}`
  return {
    message: debug
      ? `${report}\n${stack}`
      : `${report}; please report it, together with what the same command prints with --debug`,
    status: 1,
  }
}

const firstLine = (text: string) => text.split('\n', 1)[0]

function asError(error: unknown): NodeJS.ErrnoException {
  return error instanceof Error ? error : new Error(String(error))
}
