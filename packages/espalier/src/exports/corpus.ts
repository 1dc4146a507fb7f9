/**
 * Parallel text: reading it, preparing it for training, prepared data and its batches.
 * @module espalier/corpus
 */

export { type Batch, collate, epochBatches, sortedBatches } from '../corpus/batches.ts'
export { type BitextLocation, bitextName, readBitext } from '../corpus/bitext.ts'
export { type TextSource, textBytes } from '../corpus/bytes.ts'
export { lines, readLines } from '../corpus/lines.ts'
export { type IdPair, PairStore } from '../corpus/pair-store.ts'
export { prepareCorpus } from '../corpus/prepare.ts'
export type { PrepareOptions, PrepareProgress } from '../corpus/prepare-options.ts'
export { openPrepared, readValidationText } from '../corpus/prepared.ts'
export type { PreparedCorpus, PreparedSummary, TokenizerConfigs } from '../corpus/prepared-corpus.ts'
export type { SentencePair } from '../corpus/sentence-pair.ts'
export type { Vocabularies } from '../corpus/vocabularies.ts'
