/** Checks of output paths: made before the work, so that nothing is computed in vain, and again when the output appears. */
import { access, constants, open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UserError } from '@espalier/runtime'
import { directoryKind, foreignEntry, MARKER } from './directory-kinds.ts'
import { ancestors, canonicalPath, exists } from './paths.ts'

export interface OutputCheck {
  /** Whether a file or a directory is to be made. */
  readonly kind: 'file' | 'directory'
  /** Replace what is there, if Espalier made it (directories) or it is an ordinary file. */
  readonly force?: boolean
  /** The option that names the output, for the message; default `--out`. */
  readonly option?: string
  /** Paths that are read, or written too: none of them may be the output or lie inside it. */
  readonly others?: readonly (string | undefined)[]
}

export const outputExists = (path: string, option = '--out') =>
  new UserError('output-exists', `${path} exists already; choose another ${option}, or replace it with --force`)

/**
 * Makes sure that an output can appear at a path.
 * @throws UserError `output-exists`, `not-ours`, `same-path`, `inside-output`, `not-a-directory`, `not-writable`
 */
export async function checkOutput(path: string, check: OutputCheck): Promise<void> {
  const { kind, force = false, option = '--out', others = [] } = check
  await refuseSamePath(path, option, others)
  await refuseInsideOwn(path, option)
  await checkParent(path, option)
  if (!(await exists(path))) return
  const found = await stat(path).catch(() => undefined)
  if (kind === 'file' && found?.isDirectory())
    throw new UserError('is-a-directory', `${option} ${path} is a directory; name a file`)
  if (!force) throw outputExists(path, option)
  await (kind === 'directory' ? assertDirectoryReplaceable(path) : assertReplaceable(path))
}

async function refuseSamePath(path: string, option: string, others: OutputCheck['others'] = []): Promise<void> {
  const own = await canonicalPath(path)
  for (const other of others) {
    if (other === undefined) continue
    const read = await canonicalPath(other)
    if (read === own) throw new UserError('same-path', `${option} ${path} is the same as ${other}; choose another name`)
    if (read.startsWith(`${own}/`))
      throw new UserError('inside-output', `${option} ${path} holds ${other}, which would be lost; choose another name`)
  }
}

/** Directories of these kinds are replaced as a whole, and with them whatever somebody put inside. */
const CLOSED = ['phrasebook', 'data', 'model', 'measurements', 'figures']

async function refuseInsideOwn(path: string, option: string): Promise<void> {
  for (const above of ancestors(path)) {
    const kind = await directoryKind(above)
    if (kind !== undefined && CLOSED.includes(kind))
      throw new UserError(
        'inside-output',
        `${option} ${path} is inside ${above}, a ${kind} directory of Espalier's; choose a place outside it`,
      )
  }
}

/** The nearest directory above that exists has to be one that can be written to; those below it are made. */
async function checkParent(path: string, option: string): Promise<void> {
  for (const above of ancestors(path)) {
    const found = await stat(above).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
    if (found === undefined) continue
    if (!found.isDirectory())
      throw new UserError('not-a-directory', `${option} ${path}: ${above} is a file, not a directory`)
    await access(above, constants.W_OK | constants.X_OK).catch(() => {
      throw new UserError('not-writable', `${option} ${path}: ${above} cannot be written to`)
    })
    return
  }
}

/**
 * Makes sure that a directory may be replaced: Espalier made it and all that is in it, or it is empty.
 * @throws UserError `not-ours`
 */
export async function assertDirectoryReplaceable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isDirectory())
    throw new UserError('not-ours', `${path} is not replaced: it is a file, where a directory is to be made`)
  const foreign = await foreignEntry(path)
  if (foreign === undefined) return
  const why =
    foreign === '.'
      ? `it has no ${MARKER} file, so Espalier did not make it`
      : `it holds ${foreign}, which Espalier did not make`
  throw new UserError('not-ours', `${path} is not replaced: ${why}; move it away, or choose another name`)
}

/**
 * Makes sure that a file may be replaced: it is an ordinary file, no directory, device or pipe, and not a part of a directory
 * of Espalier's.
 * @throws UserError `not-ours`, `inside-output`
 */
export async function assertReplaceable(path: string): Promise<void> {
  await refuseInsideOwn(resolve(path), 'the output')
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isFile()) throw new UserError('not-ours', `${path} is not replaced: it is not an ordinary file`)
  await (await open(path, 'r+')).close()
}
