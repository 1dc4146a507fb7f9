/**
 * Names for files that are being written. They stand beside the file that they become, so that a rename suffices, and carry
 * host, process and a random part, so that two machines on a shared disk never meet.
 */
import { randomBytes } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HOST_ID, isRunning } from './host.ts'
import { isLockName } from './lock-name.ts'
import { exists } from './paths.ts'

/** A name beside `path` that nothing else uses, for what is being written. */
export const partialPath = (path: string) => uniquePath(path, 'partial')

/** Such a name for what stands at `path` and is about to be replaced. */
export const replacedPath = (path: string) => uniquePath(path, 'replaced')

function uniquePath(path: string, suffix: 'partial' | 'replaced'): string {
  const random = randomBytes(6).toString('hex')
  return join(dirname(path), `.${basename(path)}.${HOST_ID}-${process.pid}-${random}.${suffix}`)
}

const UNIQUE_NAME = /^\.(.+)\.[0-9a-f]{10}-\d+-[0-9a-f]{12}\.(partial|replaced)$/u

/** Whether a file's name is one that {@link partialPath} or {@link replacedPath} gives. */
export const isPartial = (name: string) => UNIQUE_NAME.test(name)

/** A path as people know it: with the names that {@link partialPath} gives, and those of locks, turned back. */
export const originalPath = (path: string) =>
  path
    .split('/')
    .map(name => {
      const plain = UNIQUE_NAME.exec(name)?.[1] ?? name
      return isLockName(plain) ? plain.slice(1, -'.lock'.length) : plain
    })
    .join('/')

/**
 * Removes what killed processes left when they were writing `path`, and moves back what they had moved away and not yet
 * replaced. Only what is certainly abandoned is touched: its process ran on this host and has ended. Files of other hosts stay.
 */
export async function removeAbandoned(path: string): Promise<void> {
  const start = `.${basename(path)}.${HOST_ID}-`
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(start) || !isPartial(name)) continue
    const pid = Number(name.slice(start.length).split('-')[0])
    if (isRunning(pid)) continue
    const abandoned = join(dirname(path), name)
    if (name.endsWith('.replaced') && !(await exists(path))) await rename(abandoned, path)
    else await rm(abandoned, { recursive: true, force: true })
  }
}
