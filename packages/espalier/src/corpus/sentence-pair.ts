/** A sentence and its translation, as they stand in a file. */
export interface SentencePair {
  readonly source: string
  readonly target: string
  /** The line where the pair stands (TMX: begins), from 1. */
  readonly line: number
}
