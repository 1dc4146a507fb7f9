/** From text to tokens and back: one interface, and the description that is kept with a model. */
import { applyBpe, BpeCodes, joinBpe } from './bpe.ts'
import { detokenizeWords, tokenizeWords } from './words.ts'

export interface Tokenizer {
  tokenize(line: string): string[]
  detokenize(tokens: readonly string[]): string
}

/** How text was tokenised, as it is written to a model's `tokenizer.json`. */
export interface TokenizerConfig {
  /** words: Moses' conventions; none: tokens stand between spaces already; bpe: words, then byte-pair encoding. */
  readonly kind: 'words' | 'none' | 'bpe'
  /** BCP 47 language, for the conventions of `words`; the languages known are in words.ts. */
  readonly language: string
  readonly lowercase: boolean
  /** bpe: the merges in the order they were learnt, each two symbols with a space between. */
  readonly merges?: readonly string[]
}

/** The tokeniser that a description describes. */
export function createTokenizer(config: TokenizerConfig): Tokenizer {
  const fold = (line: string) => (config.lowercase ? line.toLowerCase() : line)
  switch (config.kind) {
    case 'none':
      return { tokenize: line => splitOnSpace(fold(line)), detokenize: tokens => tokens.join(' ') }
    case 'words':
      return {
        tokenize: line => tokenizeWords(fold(line), config.language),
        detokenize: tokens => detokenizeWords(tokens, config.language),
      }
    case 'bpe': {
      const codes = new BpeCodes(config.merges ?? [])
      return {
        tokenize: line => tokenizeWords(fold(line), config.language).flatMap(word => applyBpe(word, codes)),
        detokenize: tokens => detokenizeWords(joinBpe(tokens), config.language),
      }
    }
    default:
      return config.kind satisfies never
  }
}

export function splitOnSpace(line: string): string[] {
  return line.split(/\s+/u).filter(token => token !== '')
}
