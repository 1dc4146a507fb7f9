/** What a corpus is prepared from, and how. */
import type { Normalization, TokenizerKind } from '@espalier/runtime'
import type { BitextLocation } from './bitext.ts'

export interface PrepareOptions {
  readonly train: BitextLocation
  readonly valid: BitextLocation
  readonly sourceLanguage: string
  readonly targetLanguage: string
  readonly tokenizer: TokenizerKind
  /** Default nfc: the same letter spelt in two ways would be two words to the network. */
  readonly normalization?: Normalization
  readonly lowercase: boolean
  /** Words to keep at most, special tokens not counted; bpe: merges of an encoding learnt from both sides (8000). */
  readonly vocabulary?: number
  /** bpe: a code file of subword-nmt whose merges are taken, instead of learning them. */
  readonly bpeCodes?: string
  /** bpe: write the merges to `bpe.codes` as well, as subword-nmt does. */
  readonly writeBpeCodes?: boolean
  /** Words that occur less often become `<unk>`. */
  readonly minCount: number
  /** Pairs with more tokens on a side are left out (the paper: 50). */
  readonly maxLength: number
  readonly force: boolean
  /** Told what is odd but may be meant. */
  readonly onNotice?: (notice: string) => void
  /** Told how far the reading of the training text is, often. */
  readonly onProgress?: (progress: PrepareProgress) => void
}

/** How far the training text has been read, all its readings together. */
export interface PrepareProgress {
  /** Pairs of the current reading. */
  readonly pairs: number
  readonly bytes: number
  /** Bytes of all readings. */
  readonly totalBytes: number
}
