/** From text to tokens and back: one interface, and the description that is kept with a model. */
import { UserError } from '../errors.ts'
import { applyBpe, BpeCodes, joinBpe } from './bpe.ts'
import { detokenizeWords } from './detokenize.ts'
import { NORMALIZATIONS, type Normalization, normalizeText } from './normalize.ts'
import { detokenizeMarked, markSpacing } from './spacing.ts'
import { tokenizeWords } from './words.ts'

export interface Tokenizer {
  /** The tokens of one line: none is empty, none holds a space. Never throws, whatever the string. */
  tokenize(line: string): string[]
  detokenize(tokens: readonly string[]): string
}

/** words: Moses' conventions; none: tokens stand between spaces already; bpe: words, then byte-pair encoding. */
export const TOKENIZER_KINDS = ['words', 'none', 'bpe'] as const
/** Whether tokens tell what space was around them. */
export const TOKEN_SPACINGS = ['marked', 'conventional'] as const
export type TokenSpacing = (typeof TOKEN_SPACINGS)[number]

export type TokenizerKind = (typeof TOKENIZER_KINDS)[number]

/** How text was tokenised, as it is written to a model's `tokenizer.json`. */
export interface TokenizerConfig {
  readonly kind: TokenizerKind
  /** BCP 47 language, for the conventions of `words`; the languages known are in words.ts. */
  readonly language: string
  /** Whether tokens are folded to lower case, after the line was split: capitals tell where sentences end. */
  readonly lowercase: boolean
  /** How lines are normalised first; none where it is absent, as in models made before there was a choice. */
  readonly normalization?: Normalization
  /**
   * words, bpe: marked where tokens carry marks of unusual space around them (see spacing.ts), so that text comes back
   * as it was; conventional where they do not, as in models made before there was a choice.
   */
  readonly spacing?: TokenSpacing
  /** bpe: the merges in the order they were learnt, each two symbols with a space between. */
  readonly merges?: readonly string[]
}

/** A description read from `tokenizer.json`, checked. @throws UserError `damaged-tokenizer` naming the key */
export function parseTokenizerConfig(value: unknown): TokenizerConfig {
  const wrong = (what: string) => new UserError('damaged-tokenizer', what)
  if (typeof value !== 'object' || value === null) throw wrong('is not an object')
  const { kind, language, lowercase, normalization, spacing, merges } = value as Record<string, unknown>
  if (!TOKENIZER_KINDS.includes(kind as TokenizerKind))
    throw wrong(`kind is ${JSON.stringify(kind)}; known are ${TOKENIZER_KINDS.join(', ')}`)
  if (typeof language !== 'string') throw wrong('language is not a string')
  if (typeof lowercase !== 'boolean') throw wrong('lowercase is neither true nor false')
  if (normalization !== undefined && !NORMALIZATIONS.includes(normalization as Normalization))
    throw wrong(`normalization is ${JSON.stringify(normalization)}; known are ${NORMALIZATIONS.join(', ')}`)
  if (spacing !== undefined && !TOKEN_SPACINGS.includes(spacing as TokenSpacing))
    throw wrong(`spacing is ${JSON.stringify(spacing)}; known are ${TOKEN_SPACINGS.join(', ')}`)
  if (merges !== undefined && !(Array.isArray(merges) && merges.every(merge => typeof merge === 'string')))
    throw wrong('merges is not a list of strings')
  return value as TokenizerConfig
}

/** The tokeniser that a description describes. */
export function createTokenizer(config: TokenizerConfig): Tokenizer {
  const { kind, normalization = 'none' } = config
  const normal = (line: string) => normalizeText(line, normalization)
  const { cut, join } = wordTokenizer(config)
  switch (kind) {
    case 'none':
      return { tokenize: line => fold(splitOnSpace(normal(line)), config), detokenize: tokens => tokens.join(' ') }
    case 'words':
      return { tokenize: line => cut(normal(line)), detokenize: join }
    case 'bpe': {
      const codes = new BpeCodes(config.merges ?? [])
      return {
        tokenize: line => cut(normal(line)).flatMap(word => applyBpe(word, codes)),
        detokenize: tokens => join(joinBpe(tokens)),
      }
    }
    default:
      return kind satisfies never
  }
}

const fold = (tokens: string[], { lowercase }: TokenizerConfig) =>
  lowercase ? tokens.map(token => token.toLowerCase()) : tokens

function wordTokenizer(config: TokenizerConfig) {
  const { language } = config
  if (config.spacing !== 'marked')
    return {
      cut: (line: string) => fold(tokenizeWords(line, language), config),
      join: (tokens: readonly string[]) => detokenizeWords(tokens, language),
    }
  return {
    cut(line: string) {
      const tokens = tokenizeWords(line, language)
      return markSpacing(line, tokens, fold(tokens, config), language)
    },
    join: (tokens: readonly string[]) => detokenizeMarked(tokens, language),
  }
}

/** What stands between spaces. */
export function splitOnSpace(line: string): string[] {
  return line.split(/\s+/u).filter(token => token !== '')
}
