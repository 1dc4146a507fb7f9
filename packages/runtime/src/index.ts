/** All that is needed to translate anywhere: text in, tokens, beam search, text out. Browser-safe, no dependencies. */
export { UserError } from './errors.ts'
export type { KernelKind } from './kernels/kernels.ts'
export { LatestTranslation, SupersededError } from './latest.ts'
export { LIMITS } from './limits.ts'
export type { LoadedModel, LoadOptions } from './network/load.ts'
export type { DecoderBatch, StepInput, StepOutput, TranslationNetwork } from './network/translation-network.ts'
export { PackedFileError } from './packed/error.ts'
export type { QualityFigure } from './packed/header.ts'
export type { OnProgress, PackedSource } from './packed/source.ts'
export { hardAlignment, pharaoh } from './search/alignment.ts'
export { type BatchBudget, batchesByLength, type InBatchesOptions, inBatches } from './search/batching.ts'
export type { Hypothesis } from './search/hypothesis.ts'
export type { LengthNormalization } from './search/scoring.ts'
export { defaultMaxLength, type SearchOptions, translateTokens } from './search/search.ts'
export { hypothesisWords } from './search/unknown.ts'
export { applyBpe, BpeCodes, joinBpe, learnBpe, learnMerges } from './text/bpe.ts'
export { formatBpeCodes, parseBpeCodes } from './text/bpe-codes.ts'
export { detokenizeWords } from './text/detokenize.ts'
export { type Language, matchLanguage, parseLanguage } from './text/language.ts'
export { NORMALIZATIONS, type Normalization } from './text/normalize.ts'
export {
  createTokenizer,
  parseTokenizerConfig,
  splitOnSpace,
  TOKEN_SPACINGS,
  TOKENIZER_KINDS,
  type Tokenizer,
  type TokenizerConfig,
  type TokenizerKind,
  type TokenSpacing,
} from './text/tokenizer.ts'
export { BOS, EOS, PAD, SPECIAL_TOKENS, UNK, Vocabulary } from './text/vocabulary.ts'
export { tokenizeWords } from './text/words.ts'
export type { ModelInfo, TranslateOptions, Translation, TranslationService } from './translation-service.ts'
export { Translator } from './translator.ts'
export type { WorkerLike } from './workers/protocol.ts'
export { serveTranslator } from './workers/serve.ts'
export { canShareMemory, openTranslationService, type StartOptions, startTranslator } from './workers/start.ts'
export { WorkerTranslator } from './workers/translator.ts'
