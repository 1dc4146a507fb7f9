/** Errors of the file system in a sentence. */
import { originalPath } from './partial-files.ts'

export const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'permission is denied; check who owns it',
  EPERM: 'the operation is not permitted; check who owns it',
  EISDIR: 'it is a directory, where a file is expected',
  ENOTDIR: 'a part of this path is a file, where a directory is expected',
  EEXIST: 'it exists already',
  ENOTEMPTY: 'the directory is not empty',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full; what was there before is intact',
  EDQUOT: 'the disk quota is used up; what was there before is intact',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'the file is larger than the file system allows',
  EIO: 'the disk could not be read or written',
  EBUSY: 'it is in use',
  EXDEV: 'it would have to move to another file system',
  ETXTBSY: 'it is being executed',
  ESTALE: 'the network share has gone away',
  EINVAL: 'the file system refuses this name or operation',
}

/** @returns a sentence that names path and reason; undefined for an error that is not the file system's */
export function describeFileError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, path, dest, syscall } = error as NodeJS.ErrnoException & { dest?: string }
  if (code === undefined || syscall === undefined) return undefined
  const reason = FILE_ERRORS[code]
  if (reason === undefined) return undefined
  const named = dest ?? path
  return named === undefined ? reason : `${originalPath(named)}: ${reason}`
}
