/** Parallel text of any format, by where it is found. */
import { alignedPairs } from './formats/aligned.ts'
import { tmxPairs } from './formats/tmx.ts'
import { tsvPairs } from './formats/tsv.ts'
import type { SentencePair } from './sentence-pair.ts'

/** Where parallel text is found. */
export type BitextLocation =
  | { readonly kind: 'files'; readonly source: string; readonly target: string }
  | { readonly kind: 'tsv'; readonly path: string }
  | { readonly kind: 'tmx'; readonly path: string; readonly sourceLanguage: string; readonly targetLanguage: string }

/**
 * The pairs of a bitext, streamed.
 * @param onRead told how many bytes of its files have been read, as they are read
 * @throws UserError naming file and line
 */
export function readBitext(location: BitextLocation, onRead?: (bytes: number) => void): AsyncGenerator<SentencePair> {
  switch (location.kind) {
    case 'files':
      return alignedPairs(location.source, location.target, onRead)
    case 'tsv':
      return tsvPairs(location.path, onRead)
    case 'tmx':
      return tmxPairs(location.path, location.sourceLanguage, location.targetLanguage, onRead)
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
