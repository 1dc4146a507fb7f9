/** Directories that exist as long as some work. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeAtAbruptEnd } from './cleanup.ts'

/** Runs work with a directory of its own, which is removed afterwards. */
export async function withTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'espalier-'))
  const withdraw = removeAtAbruptEnd(directory)
  try {
    return await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
    withdraw()
  }
}
