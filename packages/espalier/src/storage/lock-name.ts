/** How lock files are called. */
import { basename, dirname, join } from 'node:path'

/** The lock of a directory stands beside it, for the directory itself may be replaced while it is locked. */
export const lockPath = (path: string) => join(dirname(path), `.${basename(path)}.lock`)

export const isLockName = (name: string) => /^\..+\.lock$/u.test(name)
