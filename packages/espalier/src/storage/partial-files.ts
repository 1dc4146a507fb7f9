/**
 * Names for files that are being written. They stand beside the file that they become, so that a rename suffices, and carry
 * host, process and a random part, so that two machines on a shared disk never meet.
 */
import { randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HOST_ID, isRunning } from './host.ts'

const SUFFIX = '.partial'

/** A name beside `path` that nothing else uses. */
export function partialPath(path: string): string {
  const random = randomBytes(6).toString('hex')
  return join(dirname(path), `.${basename(path)}.${HOST_ID}-${process.pid}-${random}${SUFFIX}`)
}

/** Whether a file's name is one that {@link partialPath} gives. */
export function isPartial(name: string): boolean {
  return /^\..+\.[0-9a-f]{10}-\d+-[0-9a-f]{12}\.partial$/u.test(name)
}

/**
 * Removes what killed processes left when they were writing `path`. Only what is certainly abandoned goes: its process ran on
 * this host and has ended. Files of other hosts stay.
 */
export async function removeAbandoned(path: string): Promise<void> {
  const start = `.${basename(path)}.${HOST_ID}-`
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(start) || !isPartial(name)) continue
    const pid = Number(name.slice(start.length).split('-')[0])
    if (!isRunning(pid)) await rm(join(dirname(path), name), { recursive: true, force: true })
  }
}
