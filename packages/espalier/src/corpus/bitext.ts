/** Parallel text, from two aligned files, a TSV file, or TMX. */
import { UserError } from '@espalier/runtime'
import { lines } from './lines.ts'
import { tmxPairs } from './tmx.ts'

/** A sentence and its translation, as they stand in the file. */
export interface SentencePair {
  readonly source: string
  readonly target: string
  /** Where it stands (TMX: begins), from 1. */
  readonly line: number
}

/** Where parallel text is found. */
export type BitextLocation =
  | { readonly kind: 'files'; readonly source: string; readonly target: string }
  | { readonly kind: 'tsv'; readonly path: string }
  | { readonly kind: 'tmx'; readonly path: string; readonly sourceLanguage: string; readonly targetLanguage: string }

/** The pairs of a bitext, streamed. @throws UserError naming file and line */
export function readBitext(location: BitextLocation): AsyncGenerator<SentencePair> {
  switch (location.kind) {
    case 'files':
      return alignedPairs(location.source, location.target)
    case 'tsv':
      return tsvPairs(location.path)
    case 'tmx':
      return tmxPairs(location.path, location.sourceLanguage, location.targetLanguage)
    default:
      return location satisfies never
  }
}

/** The files that hold a bitext. */
export function bitextPaths(location: BitextLocation): string[] {
  return location.kind === 'files' ? [location.source, location.target] : [location.path]
}

/** How the bitext is called in messages and in `data.json`. */
export function bitextName(location: BitextLocation): string {
  return location.kind === 'files' ? `${location.source} and ${location.target}` : location.path
}

async function* alignedPairs(sourcePath: string, targetPath: string): AsyncGenerator<SentencePair> {
  const sources = lines(sourcePath, { nonEmpty: true })
  const targets = lines(targetPath, { nonEmpty: true })
  let number = 0
  try {
    for (;;) {
      const [source, target] = [await sources.next(), await targets.next()]
      if (source.done && target.done) return
      if (source.done || target.done) {
        const more = 1 + (await count(source.done ? targets : sources))
        const [s, t] = source.done ? [number, number + more] : [number + more, number]
        throw new UserError(
          'lengths-differ',
          `${sourcePath} has ${s} lines and ${targetPath} has ${t}; line n of one must be the translation of line n of the other`,
        )
      }
      number++
      yield { source: source.value, target: target.value, line: number }
    }
  } finally {
    await sources.return(undefined)
    await targets.return(undefined)
  }
}

async function count(rest: AsyncGenerator<string>): Promise<number> {
  let n = 0
  for await (const _ of rest) n++
  return n
}

/** The first two columns of each line; what follows them (scores, origins) is passed over. */
async function* tsvPairs(path: string): AsyncGenerator<SentencePair> {
  let number = 0
  for await (const line of lines(path, { nonEmpty: true })) {
    number++
    const columns = line.split('\t')
    if (columns.length < 2)
      throw new UserError('tsv-columns', `${path}, line ${number}: one column; a line is source, tab, target`)
    yield { source: columns[0], target: columns[1], line: number }
  }
}
