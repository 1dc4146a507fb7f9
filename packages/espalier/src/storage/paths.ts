/** Questions about paths. */
import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

/** Whether something stands at a path, be it a link that leads nowhere. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** The directories above a path, the nearest first. */
export function* ancestors(path: string): Generator<string> {
  for (let at = resolve(path); dirname(at) !== at; at = dirname(at)) yield dirname(at)
}

/** One name for one file, whatever links lead to it; the file itself need not exist. */
export async function canonicalPath(path: string): Promise<string> {
  const absolute = resolve(path)
  try {
    return await realpath(absolute)
  } catch {
    const parent = dirname(absolute)
    return parent === absolute ? absolute : join(await canonicalPath(parent), basename(absolute))
  }
}
