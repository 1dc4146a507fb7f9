/** Directories that appear when they are complete, or not at all. */
import { existsSync, renameSync, rmdirSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { syncDirectory } from './atomic-files.ts'
import { onAbruptEnd, removeAtAbruptEnd } from './cleanup.ts'
import { type DirectoryKind, MARKER, markerText } from './directory-kinds.ts'
import { withLock } from './lock.ts'
import { assertDirectoryReplaceable, checkOutput, outputExists } from './outputs.ts'
import { partialPath, removeAbandoned, replacedPath } from './partial-files.ts'
import { exists } from './paths.ts'

export interface NewDirectory {
  readonly kind: DirectoryKind
  /** Replace a directory that Espalier made; others are refused all the same. */
  readonly force?: boolean
  /** The option that names it, for messages; default `--out`. */
  readonly option?: string
}

/**
 * Fills a directory under another name and renames it. On failure nothing is left, and what was there before is untouched.
 * Whatever appears at `out` meanwhile is not replaced without `force`, nor, with it, where Espalier did not make it.
 * @param fill is given the directory to write to
 * @throws UserError `output-exists`, `not-ours`, `in-use` and as {@link checkOutput}
 */
export async function createDirectoryAtomic<T>(
  out: string,
  { kind, force = false, option }: NewDirectory,
  fill: (directory: string) => Promise<T>,
): Promise<T> {
  const path = resolve(out)
  await checkOutput(path, { kind: 'directory', force, option })
  const firstMade = await mkdir(dirname(path), { recursive: true })
  const removeParents = () => {
    if (firstMade !== undefined) removeEmpty(dirname(path), firstMade)
  }
  await removeAbandoned(path)
  // A directory that a killed process had moved away may be back.
  if (!force && (await exists(path))) throw outputExists(path, option)
  const partial = partialPath(path)
  const withdraw = [onAbruptEnd(removeParents), removeAtAbruptEnd(partial)]
  try {
    await mkdir(partial)
    await writeFile(join(partial, MARKER), markerText(kind))
    const result = await fill(partial)
    await syncDirectory(partial)
    await withLock(path, () => moveInto(partial, path, force, option))
    return result
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    removeParents()
    throw error
  } finally {
    for (const each of withdraw) each()
  }
}

/** Marks a directory that fills up over time (a study, a store of models) as ours; one that has the marker stays as it is. */
export async function markDirectory(path: string, kind: DirectoryKind): Promise<void> {
  await mkdir(path, { recursive: true })
  if (!(await exists(join(path, MARKER)))) await writeFile(join(path, MARKER), markerText(kind))
}

/** Renaming a directory replaces an empty one only, so nothing can be lost without `force`. */
async function moveInto(from: string, to: string, force: boolean, option?: string): Promise<void> {
  if (force && (await exists(to))) await replace(from, to)
  else
    await rename(from, to).catch((error: NodeJS.ErrnoException) => {
      const taken = ['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EPERM'].includes(error.code ?? '')
      throw taken ? outputExists(to, option) : error
    })
  await syncDirectory(dirname(to))
}

/** Moves the old directory away first, looks at it there, where nobody else finds it, and removes it last. */
async function replace(from: string, to: string): Promise<void> {
  const old = replacedPath(to)
  const moveBack = onAbruptEnd(() => {
    if (!existsSync(to)) renameSync(old, to)
  })
  try {
    await rename(to, old)
    try {
      await assertDirectoryReplaceable(old).catch((error: Error) => {
        error.message = error.message.replace(old, to)
        throw error
      })
      await rename(from, to)
    } catch (error) {
      await rename(old, to)
      throw error
    }
  } finally {
    moveBack()
  }
  const withdraw = removeAtAbruptEnd(old)
  await rm(old, { recursive: true, force: true })
  withdraw()
}

/** Removes empty directories from `path` up to its ancestor `top`. */
function removeEmpty(path: string, top: string): void {
  for (let at = path; at.length >= resolve(top).length; at = dirname(at)) {
    try {
      rmdirSync(at)
    } catch {
      return
    }
  }
}
