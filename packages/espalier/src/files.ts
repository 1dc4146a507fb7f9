/** Files that appear whole: written aside, synced and renamed, so that a crash or a full disk leaves what was there. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '@espalier/runtime'

/** A name beside `path` that nothing else uses. */
function aside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.partial`)
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  await directory.sync().finally(() => directory.close())
}

/** Writes a file from parts; it appears when all of it is on the disk, or not at all. */
export async function writeWhole(
  path: string,
  parts: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const partial = aside(path)
  const file = await open(partial, 'w')
  try {
    if (typeof parts === 'string' || parts instanceof Uint8Array) await file.writeFile(parts)
    else for await (const part of parts) await writeFully(file, part)
    await file.sync()
  } catch (error) {
    await file.close()
    await rm(partial, { force: true })
    throw error
  }
  await file.close()
  await rename(partial, path)
  await syncDirectory(dirname(path))
}

async function writeFully(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array): Promise<void> {
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

/**
 * Fills a directory that appears when it is complete, or not at all.
 * @param fill is given the directory to write to
 */
export async function createDirectoryWhole<T>(
  path: string,
  { force }: { force: boolean },
  fill: (directory: string) => Promise<T>,
): Promise<T> {
  await refuseExisting(path, force)
  await mkdir(dirname(path), { recursive: true })
  const partial = aside(path)
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial)
  try {
    const result = await fill(partial)
    await syncDirectory(partial)
    if (force) await rm(path, { recursive: true, force: true })
    await rename(partial, path)
    await syncDirectory(dirname(path))
    return result
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
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
