/** From bitext to the numbers that training reads, streaming: a corpus may be larger than memory. */
import { join } from 'node:path'
import { createTokenizer, learnBpe, type Tokenizer, type TokenizerConfig, UserError } from '@espalier/runtime'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { type BitextLocation, bitextName, bitextPaths, readBitext } from './bitext.ts'
import { requireRereadable } from './bytes.ts'
import { writePairs } from './pair-file.ts'
import { type PreparedSummary, type TokenizerConfigs, writeData, writeTokenizers } from './prepared.ts'
import type { SentencePair } from './sentence-pair.ts'
import { chooseVocabulary, unknownShare, type Vocabularies, writeVocabularies } from './vocabularies.ts'

/** Merges that byte-pair encoding learns where nothing else is asked for. */
const DEFAULT_MERGES = 8000

export interface PrepareOptions {
  readonly train: BitextLocation
  readonly valid: BitextLocation
  readonly sourceLanguage: string
  readonly targetLanguage: string
  readonly tokenizer: TokenizerConfig['kind']
  readonly lowercase: boolean
  /** Words to keep at most, special tokens not counted; bpe: merges of an encoding learnt from both sides (8000). */
  readonly vocabulary?: number
  /** Words that occur less often become `<unk>`. */
  readonly minCount: number
  /** Pairs with more tokens on a side are left out (the paper: 50). */
  readonly maxLength: number
  readonly force: boolean
}

interface Tokenizers {
  readonly source: Tokenizer
  readonly target: Tokenizer
}
/** A pair with its tokens. */
interface TokenPair {
  readonly text: SentencePair
  readonly source: string[]
  readonly target: string[]
}

/**
 * Prepares training and validation text in `directory`, which appears complete or not at all. The training text is
 * read twice (bpe: three times) and never held; the validation text is held in memory.
 * @throws UserError for text that cannot be read, naming file and line; `output-exists`, `not-ours`, `nothing-left`
 */
export async function prepareCorpus(directory: string, options: PrepareOptions): Promise<PreparedSummary> {
  checkOptions(options)
  for (const path of bitextPaths(options.train)) await requireRereadable(path, readsTraining(options))
  return createDirectoryAtomic(directory, { kind: 'data', force: options.force }, async out => {
    // First what is short: mistakes in it come to light at once.
    const validText = await collect(readBitext(options.valid))
    const configs = await chooseTokenizers(options)
    const tokenizers = { source: createTokenizer(configs.source), target: createTokenizer(configs.target) }
    const skipped = { empty: 0, long: 0 }
    const training = () => tokenPairs(readBitext(options.train), tokenizers, options.maxLength, skipped)
    const valid = await collect(tokenPairs(validText, tokenizers, options.maxLength, skipped))
    if (valid.length === 0) throw nothingLeft(options.valid, 'to validate on')
    const counts = await countTokens(training())
    if (counts.pairs === 0) throw nothingLeft(options.train, 'to train on')
    const vocabularies = chooseVocabularies(counts, options)
    const summary: PreparedSummary = {
      trainPairs: counts.pairs,
      validPairs: valid.length,
      skippedEmpty: skipped.empty,
      skippedLong: skipped.long,
      sourceVocabulary: vocabularies.source.size,
      targetVocabulary: vocabularies.target.size,
      sourceUnknown: unknownShare(counts.source, vocabularies.source),
      targetUnknown: unknownShare(counts.target, vocabularies.target),
    }
    await writePairs(join(out, 'train.bin'), counts.pairs, encoded(training(), vocabularies))
    await writePairs(join(out, 'valid.bin'), valid.length, encoded(valid, vocabularies))
    for (const side of ['source', 'target'] as const)
      await writeFileAtomic(join(out, `valid.${side}`), valid.map(({ text }) => `${text[side]}\n`).join(''))
    await writeVocabularies(out, vocabularies)
    await writeTokenizers(out, configs)
    await writeData(out, summary)
    return summary
  })
}

function checkOptions({ vocabulary, minCount, maxLength }: PrepareOptions): void {
  for (const [name, value] of Object.entries({ vocabulary, minCount, maxLength }))
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw new UserError('invalid-option', `${name} is ${value}; it must be a whole number, at least 1`)
}

function readsTraining({ tokenizer }: PrepareOptions): string {
  return `prepare reads the training text ${tokenizer === 'bpe' ? 'three times' : 'twice'}`
}

function nothingLeft(location: BitextLocation, purpose: string): UserError {
  const why = 'every pair is empty on one side or too long (--max-length)'
  return new UserError('nothing-left', `${bitextName(location)}: no pair is left ${purpose}: ${why}`)
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** How both sides are tokenised; byte-pair encoding is learnt first, from the words of both sides together. */
async function chooseTokenizers(options: PrepareOptions): Promise<TokenizerConfigs> {
  const { tokenizer: kind, lowercase, sourceLanguage, targetLanguage } = options
  const both = (part: Pick<TokenizerConfig, 'kind' | 'merges'>): TokenizerConfigs => ({
    source: { ...part, language: sourceLanguage, lowercase },
    target: { ...part, language: targetLanguage, lowercase },
  })
  if (kind !== 'bpe') return both({ kind })
  const { source, target } = both({ kind: 'words' })
  const [sourceWords, targetWords] = [createTokenizer(source), createTokenizer(target)]
  const counts = new Map<string, number>()
  for await (const pair of readBitext(options.train)) {
    countInto(counts, sourceWords.tokenize(pair.source))
    countInto(counts, targetWords.tokenize(pair.target))
  }
  return both({ kind, merges: learnBpe(counts, options.vocabulary ?? DEFAULT_MERGES) })
}

function countInto(counts: Map<string, number>, tokens: readonly string[]): void {
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
}

/** Tokenises pairs; passes over those empty on a side or too long, and counts them. */
async function* tokenPairs(
  pairs: Iterable<SentencePair> | AsyncIterable<SentencePair>,
  tokenizers: Tokenizers,
  maxLength: number,
  skipped: { empty: number; long: number },
): AsyncGenerator<TokenPair> {
  for await (const text of pairs) {
    const source = tokenizers.source.tokenize(text.source)
    const target = tokenizers.target.tokenize(text.target)
    if (source.length === 0 || target.length === 0) skipped.empty++
    else if (source.length > maxLength || target.length > maxLength) skipped.long++
    else yield { text, source, target }
  }
}

interface TokenCounts {
  readonly source: ReadonlyMap<string, number>
  readonly target: ReadonlyMap<string, number>
  readonly pairs: number
}

async function countTokens(tokenPairs: AsyncIterable<TokenPair>): Promise<TokenCounts> {
  const [source, target] = [new Map<string, number>(), new Map<string, number>()]
  let pairs = 0
  for await (const pair of tokenPairs) {
    pairs++
    countInto(source, pair.source)
    countInto(target, pair.target)
  }
  return { source, target, pairs }
}

function chooseVocabularies(counts: TokenCounts, options: PrepareOptions): Vocabularies {
  // With byte-pair encoding the number of merges has bounded the vocabulary already.
  const limit = options.tokenizer === 'bpe' ? undefined : options.vocabulary
  const choose = (side: 'source' | 'target') => chooseVocabulary(counts[side], { limit, minCount: options.minCount })
  return { source: choose('source'), target: choose('target') }
}

async function* encoded(pairs: Iterable<TokenPair> | AsyncIterable<TokenPair>, { source, target }: Vocabularies) {
  for await (const pair of pairs) yield { source: source.encode(pair.source), target: target.encode(pair.target) }
}
