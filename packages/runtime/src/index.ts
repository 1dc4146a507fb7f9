/** All that is needed to translate anywhere: text in, tokens, beam search, text out. Browser-safe, no dependencies. */
export { UserError } from './errors.ts'
export { learnBpe } from './text/bpe.ts'
export { createTokenizer, splitOnSpace, type Tokenizer, type TokenizerConfig } from './text/tokenizer.ts'
export { BOS, EOS, PAD, SPECIAL_TOKENS, UNK, Vocabulary } from './text/vocabulary.ts'
