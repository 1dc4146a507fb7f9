/** Files that appear whole: written aside, synced and renamed, so that a crash or a full disk leaves what was there. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UserError } from '@espalier/runtime'

let asides = 0

/** A name beside `path` that nothing else uses. */
function aside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${asides++}.partial`)
}

/** Removes what killed processes left beside `path` when they were writing it. */
async function removeAbandoned(path: string): Promise<void> {
  const [start, end] = [`.${basename(path)}.`, '.partial']
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(start) || !name.endsWith(end)) continue
    const [, pid] = /^(\d+)-\d+$/u.exec(name.slice(start.length, -end.length)) ?? []
    if (pid && !isRunning(Number(pid))) await rm(join(dirname(path), name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process runs as well.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  await directory.sync().finally(() => directory.close())
}

/**
 * Writes a file from parts; it appears when all of it is on the disk, or not at all: on failure what was there before
 * is untouched and nothing is left beside it.
 */
export async function writeWhole(
  path: string,
  parts: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  await removeAbandoned(path)
  const partial = aside(path)
  try {
    const file = await open(partial, 'w')
    try {
      if (typeof parts === 'string' || parts instanceof Uint8Array) await file.writeFile(parts)
      else for await (const part of parts) await writeFully(file, part)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, 1 << 28))
    done += bytesWritten
  }
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** @throws UserError `output-exists` where something is in the way and may not be replaced */
export async function refuseExisting(path: string, force: boolean): Promise<void> {
  if (!force && (await exists(path)))
    throw new UserError('output-exists', `${path} exists already; choose another --out, or replace it with --force`)
}

/** What may be done with a directory that is in the way of a new one. */
export interface Replacing {
  /** Replace it. */
  readonly force: boolean
  /** A file that tells a directory of ours: a directory that holds other things is not replaced even so. */
  readonly mark?: string
}

/** @throws UserError `not-ours` where `--force` would delete what Espalier did not make */
async function refuseForeign(path: string, mark: string): Promise<void> {
  const found = await readdir(path).catch(() => undefined)
  const ours = found !== undefined && (found.length === 0 || found.includes(mark))
  if (!ours && (await exists(path)))
    throw new UserError('not-ours', `${path} is not replaced: it has no ${mark}, so Espalier did not make it`)
}

/**
 * Fills a directory that appears when it is complete, or not at all; on failure nothing is left, and what was there
 * before is untouched.
 * @param fill is given the directory to write to
 * @throws UserError `output-exists`, `not-ours`
 */
export async function createDirectoryWhole<T>(
  out: string,
  { force, mark }: Replacing,
  fill: (directory: string) => Promise<T>,
): Promise<T> {
  const path = resolve(out)
  await refuseExisting(path, force)
  if (mark !== undefined) await refuseForeign(path, mark)
  const firstMade = await mkdir(dirname(path), { recursive: true })
  await removeAbandoned(path)
  const partial = aside(path)
  try {
    await mkdir(partial)
    const result = await fill(partial)
    await syncDirectory(partial)
    await moveInto(partial, path)
    return result
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    if (firstMade !== undefined) await removeEmpty(dirname(path), firstMade)
    throw error
  }
}

/** Renames a directory, out of whose way the one that was there is moved first, and removed last. */
async function moveInto(from: string, to: string): Promise<void> {
  const old = aside(to)
  const replaces = await exists(to)
  if (replaces) await rename(to, old)
  try {
    await rename(from, to)
  } catch (error) {
    if (replaces) await rename(old, to)
    throw error
  }
  await syncDirectory(dirname(to))
  if (replaces) await rm(old, { recursive: true, force: true })
}

/** Removes empty directories from `path` up to its ancestor `top`. */
async function removeEmpty(path: string, top: string): Promise<void> {
  for (let at = path; at.length >= resolve(top).length; at = dirname(at)) {
    const removed = await rmdir(at).then(
      () => true,
      () => false,
    )
    if (!removed) return
  }
}

/** Reads JSON that this program wrote. @throws UserError `damaged-file` */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UserError('damaged-file', `${path} is not valid JSON (${(error as Error).message})`)
  }
}
