/** A corpus that is ready for training, as it stands in memory. */
import type { TokenizerConfig } from '@espalier/runtime'
import type { PairStore } from './pair-store.ts'
import type { Vocabularies } from './vocabularies.ts'

/** What was kept and what was left out. */
export interface PreparedSummary {
  readonly trainPairs: number
  readonly validPairs: number
  /** Pairs left out because a side had no token: of the training and of the validation text. */
  readonly skippedEmpty: number
  /** Pairs left out because a side had too many. */
  readonly skippedLong: number
  /** Tokens in the vocabularies, special ones counted. */
  readonly sourceVocabulary: number
  readonly targetVocabulary: number
  /** Share of the training tokens that the vocabulary does not have. */
  readonly sourceUnknown: number
  readonly targetUnknown: number
}

/** Both sides' tokenisation as kept in `tokenizer.json`. */
export interface TokenizerConfigs {
  readonly source: TokenizerConfig
  readonly target: TokenizerConfig
}

/** A prepared directory, opened. */
export interface PreparedCorpus {
  readonly directory: string
  readonly summary: PreparedSummary
  /** SHA-256 of each file, by name. */
  readonly digests: Readonly<Record<string, string>>
  readonly tokenizers: TokenizerConfigs
  readonly vocabularies: Vocabularies
  readonly train: PairStore
  readonly valid: PairStore
}
