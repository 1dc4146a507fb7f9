/** Errors of packed files. */
import { UserError } from '../errors.ts'

export type PackedFileErrorCode = 'damaged-file' | 'not-packed' | 'other-version'

/** A packed file cannot be read; `section` says where. */
export class PackedFileError extends UserError {
  constructor(
    readonly section: string,
    readonly problem: string,
    override readonly code: PackedFileErrorCode = 'damaged-file',
  ) {
    super(code, `section ${section}: ${problem}`)
    this.name = 'PackedFileError'
  }
}

/** Adds the section to the error of a decoder that does not know which one it reads. */
export function inSection<T>(section: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof UserError) throw new PackedFileError(section, error.message)
    throw error
  }
}
