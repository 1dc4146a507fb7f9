/** Errors that cross from one thread to another with their code, which structured cloning would drop. */
import { UserError } from '../errors.ts'
import { PackedFileError, type PackedFileErrorCode } from '../packed/error.ts'

export type SerializedError =
  | {
      readonly kind: 'packed-file'
      readonly section: string
      readonly problem: string
      readonly code: PackedFileErrorCode
    }
  | { readonly kind: 'user'; readonly code: string; readonly message: string }
  | { readonly kind: 'other'; readonly name: string; readonly message: string; readonly stack?: string }

export function serializeError(error: unknown): SerializedError {
  if (error instanceof PackedFileError) {
    const { section, problem, code } = error
    return { kind: 'packed-file', section, problem, code }
  }
  if (error instanceof UserError) return { kind: 'user', code: error.code, message: error.message }
  if (!(error instanceof Error)) return { kind: 'other', name: 'Error', message: String(error) }
  return { kind: 'other', name: error.name, message: error.message, stack: error.stack }
}

export function deserializeError(error: SerializedError): Error {
  switch (error.kind) {
    case 'packed-file':
      return new PackedFileError(error.section, error.problem, error.code)
    case 'user':
      return new UserError(error.code, error.message)
    case 'other': {
      const { name, message, stack } = error
      return Object.assign(new Error(message), { name }, stack && { stack })
    }
    default:
      return error satisfies never
  }
}
