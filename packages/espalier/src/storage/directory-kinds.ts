/**
 * The directories that Espalier makes. Each holds a marker file that says so, and of which kind it is; names such as
 * `config.json`, which other programs use too, say nothing. `--force` replaces a directory only where it has the marker and
 * holds nothing else than its kind does.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isLockName } from './lock-name.ts'
import { isPartial } from './partial-files.ts'

export const MARKER = '.espalier'

const TEXT = ['tokenizer.json', 'source.vocabulary', 'target.vocabulary']
const splits = (ends: readonly string[]) =>
  ['train', 'valid', 'test'].flatMap(name => ends.map(end => `${name}.${end}`))

/** What a kind of directory holds: names of files, or patterns; names of directories of other kinds. */
interface Contents {
  readonly files: readonly (string | RegExp)[]
  readonly directories?: readonly (string | RegExp)[]
}

const KINDS = {
  phrasebook: { files: splits(['en', 'de']) },
  data: { files: ['data.json', ...TEXT, 'train.bin', 'valid.bin', 'valid.source', 'valid.target', 'bpe.codes'] },
  model: {
    files: [
      ...['config.json', ...TEXT, 'model.safetensors', 'mask.safetensors', 'scores.safetensors'],
      ...['last.safetensors', 'metrics.jsonl', 'recipe.json', /^epoch-\d+\.safetensors$/u],
    ],
  },
  models: { files: [], directories: [/./u] },
  measurements: { files: [/\.json$/u] },
  figures: { files: [/\.(svg|csv|json)$/u] },
  packed: { files: [/\.espalier$/u] },
  study: {
    files: ['study.json', 'results.json', 'time.json', 'browser.json', 'report.html'],
    directories: ['models', 'measurements', 'packed', 'figures'],
  },
  quickstart: { files: ['quickstart.json', /\.espalier$/u], directories: ['text', 'data', 'study'] },
} as const satisfies Record<string, Contents>
export type DirectoryKind = keyof typeof KINDS

/** The content of a marker file. */
export const markerText = (kind: DirectoryKind) => `${JSON.stringify({ format: 1, madeBy: 'espalier', kind })}\n`

/** The kind that a directory's marker names; undefined where there is none of ours. */
export async function directoryKind(path: string): Promise<DirectoryKind | undefined> {
  try {
    const { madeBy, kind } = JSON.parse(await readFile(join(path, MARKER), 'utf8')) as Record<string, unknown>
    return madeBy === 'espalier' && Object.hasOwn(KINDS, String(kind)) ? (kind as DirectoryKind) : undefined
  } catch {
    return undefined
  }
}

const matches = (patterns: readonly (string | RegExp)[], name: string) =>
  patterns.some(pattern => (typeof pattern === 'string' ? pattern === name : pattern.test(name)))

/** What file managers leave everywhere. */
const LITTER = ['.DS_Store', 'Thumbs.db', 'desktop.ini']

/**
 * The first thing in a directory, or in one below it, that Espalier did not make; undefined where there is none.
 * @returns the path from `path` on; `.` for a directory without our marker that is not empty
 */
export async function foreignEntry(path: string): Promise<string | undefined> {
  const entries = await readdir(path, { withFileTypes: true })
  const kind = await directoryKind(path)
  if (kind === undefined) return entries.length === 0 ? undefined : '.'
  const { files, directories = [] }: Contents = KINDS[kind]
  for (const entry of entries) {
    const { name } = entry
    if (name === MARKER || isPartial(name) || isLockName(name) || LITTER.includes(name)) continue
    if (entry.isFile() && matches(files, name)) continue
    if (!entry.isDirectory() || !matches(directories, name)) return name
    const inside = await foreignEntry(join(path, name))
    if (inside !== undefined) return inside === '.' ? name : join(name, inside)
  }
  return undefined
}
