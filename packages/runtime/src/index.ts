/** All that is needed to translate anywhere: text in, tokens, beam search, text out. Browser-safe, no dependencies. */
export { UserError } from './errors.ts'
export { hardAlignment, hypothesisWords, pharaoh } from './search/alignment.ts'
export type { DecoderBatch, StepInput, StepOutput, TranslationNetwork } from './search/network.ts'
export {
  defaultMaxLength,
  type Hypothesis,
  type LengthNormalization,
  type SearchOptions,
  translateTokens,
} from './search/search.ts'
export { applyBpe, BpeCodes, joinBpe, learnBpe } from './text/bpe.ts'
export { detokenizeWords } from './text/detokenize.ts'
export { createTokenizer, splitOnSpace, type Tokenizer, type TokenizerConfig } from './text/tokenizer.ts'
export { BOS, EOS, PAD, SPECIAL_TOKENS, UNK, Vocabulary } from './text/vocabulary.ts'
export { tokenizeWords } from './text/words.ts'
export { type TranslateOptions, type Translation, Translator } from './translator.ts'
