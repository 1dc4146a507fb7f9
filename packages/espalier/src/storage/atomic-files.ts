/**
 * Files that appear whole: they are written under another name, synced and renamed, so that a crash or a full disk leaves what
 * was there before.
 */
import { constants } from 'node:fs'
import { copyFile, type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { removeAtAbruptEnd } from './cleanup.ts'
import { assertReplaceable, outputExists } from './outputs.ts'
import { partialPath, removeAbandoned } from './partial-files.ts'

/** What a file is written from. */
export type FileParts = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Makes a rename last through a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  await directory.sync().finally(() => directory.close())
}

/**
 * Writes a file of a directory that Espalier made, and replaces the one that was there. On failure what was there before is
 * untouched and nothing is left beside it.
 */
export async function writeFileAtomic(path: string, parts: FileParts): Promise<void> {
  await writeAside(path, parts, partial => rename(partial, path))
}

/**
 * Writes a file that a user named. Without `force` it cannot replace anything, not even what appeared while it was being
 * written; with `force` it replaces what {@link assertReplaceable} allows. Folders above it are made.
 * @throws UserError `output-exists`, `not-ours`
 */
export async function writeOutputFile(path: string, parts: FileParts, { force = false } = {}): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeAside(path, parts, async partial => {
    if (!force) return moveWithoutReplacing(partial, path)
    await assertReplaceable(path)
    await rename(partial, path)
  })
}

async function writeAside(path: string, parts: FileParts, place: (partial: string) => Promise<void>): Promise<void> {
  await removeAbandoned(path)
  const partial = partialPath(path)
  const withdraw = removeAtAbruptEnd(partial)
  try {
    const file = await open(partial, 'wx')
    try {
      if (typeof parts === 'string' || parts instanceof Uint8Array) await file.writeFile(parts)
      else for await (const part of parts) await writeFully(file, part)
      await file.sync()
    } finally {
      await file.close()
    }
    await place(partial)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  } finally {
    withdraw()
  }
  await syncDirectory(dirname(path))
}

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, 1 << 28))
    done += bytesWritten
  }
}

/** Renaming replaces silently; a hard link does not. File systems without links get a copy that refuses to overwrite. */
async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error
      await copyFile(from, to, constants.COPYFILE_EXCL)
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw outputExists(to)
    throw error
  }
  await rm(from)
}
