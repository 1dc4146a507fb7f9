/** From bitext to the numbers that training reads, streaming: a corpus may be larger than memory. */
import { join } from 'node:path'
import { createTokenizer, formatBpeCodes, type Tokenizer, UserError } from '@espalier/runtime'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { type BitextLocation, bitextName, bitextPaths, readBitext } from './bitext.ts'
import { requireRereadable, sourceSize } from './bytes.ts'
import { chooseTokenizers } from './choose-tokenizers.ts'
import { writePairs } from './pair-file.ts'
import type { PrepareOptions } from './prepare-options.ts'
import { writeData, writeTokenizers } from './prepared.ts'
import type { PreparedSummary } from './prepared-corpus.ts'
import type { SentencePair } from './sentence-pair.ts'
import { countInto } from './token-counts.ts'
import { chooseVocabulary, unknownShare, type Vocabularies } from './vocabularies.ts'
import { writeVocabularies } from './vocabulary-files.ts'

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
 * read twice (three times where merges are learnt) and never held; the validation text is held in memory.
 * @throws UserError for text that cannot be read, naming file and line; `output-exists`, `not-ours`, `nothing-left`,
 *   `nothing-known`, `language`, `bpe-codes`
 */
export async function prepareCorpus(directory: string, options: PrepareOptions): Promise<PreparedSummary> {
  checkOptions(options)
  const readings = options.tokenizer === 'bpe' && options.bpeCodes === undefined ? 3 : 2
  const reader = `prepare reads the training text ${readings === 3 ? 'three times' : 'twice'}`
  for (const path of bitextPaths(options.train)) await requireRereadable(path, reader)
  return createDirectoryAtomic(directory, { kind: 'data', force: options.force }, async out => {
    // First what is short: mistakes in it come to light at once.
    const validText = await collect(readBitext(options.valid))
    const trainingText = await progressingReader(options, readings)
    const configs = await chooseTokenizers(options, trainingText)
    const tokenizers = { source: createTokenizer(configs.source), target: createTokenizer(configs.target) }
    const skipped = { empty: 0, long: 0 }
    const training = () => tokenPairs(trainingText(), tokenizers, options.maxLength, skipped)
    const valid = await collect(tokenPairs(validText, tokenizers, options.maxLength, skipped))
    if (valid.length === 0) throw nothingLeft(options.valid, 'to validate on')
    const counts = await countTokens(training(), valid)
    if (counts.pairs === 0) throw nothingLeft(options.train, 'to train on')
    noticeOddities(counts, options)
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
    if (options.writeBpeCodes)
      await writeFileAtomic(join(out, 'bpe.codes'), formatBpeCodes(configs.source.merges ?? []))
    await writeData(out, summary)
    return summary
  })
}

function checkOptions({ vocabulary, minCount, maxLength, tokenizer, bpeCodes, writeBpeCodes }: PrepareOptions): void {
  for (const [name, value] of Object.entries({ vocabulary, minCount, maxLength }))
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw new UserError('invalid-option', `${name} is ${value}; it must be a whole number, at least 1`)
  if (tokenizer !== 'bpe' && (bpeCodes !== undefined || writeBpeCodes))
    throw new UserError('invalid-option', `byte-pair codes are for --tokenizer bpe; it is ${tokenizer}`)
}

/** Reads the training text from its start each time it is called, and says how far it is. */
async function progressingReader(
  { train, onProgress }: PrepareOptions,
  readings: number,
): Promise<() => AsyncGenerator<SentencePair>> {
  if (!onProgress) return () => readBitext(train)
  const sizes = await Promise.all(bitextPaths(train).map(sourceSize))
  const totalBytes = readings * sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
  let bytes = 0
  return async function* () {
    let pairs = 0
    const onRead = (more: number) => {
      bytes += more
      onProgress({ pairs, bytes, totalBytes })
    }
    for await (const pair of readBitext(train, onRead)) {
      pairs++
      yield pair
    }
    onProgress({ pairs, bytes, totalBytes })
  }
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
  /** Pairs with the same text on both sides. */
  readonly untranslated: number
  /** Whether these are the pairs of the validation text, in its order. */
  readonly sameAsValid: boolean
}

async function countTokens(pairs: AsyncIterable<TokenPair>, valid: readonly TokenPair[]): Promise<TokenCounts> {
  const [source, target] = [new Map<string, number>(), new Map<string, number>()]
  let [count, untranslated, same] = [0, 0, true]
  for await (const pair of pairs) {
    const { text } = pair
    const other = valid[count]?.text
    same &&= text.source === other?.source && text.target === other.target
    if (text.source === text.target) untranslated++
    count++
    countInto(source, pair.source)
    countInto(target, pair.target)
  }
  return { source, target, pairs: count, untranslated, sameAsValid: same && count === valid.length }
}

/** Says what would train, but hardly as it was meant. */
function noticeOddities({ pairs, untranslated, sameAsValid }: TokenCounts, options: PrepareOptions): void {
  const { train, valid, onNotice = () => {} } = options
  if (sameAsValid)
    onNotice(
      `the validation text (${bitextName(valid)}) has the same pairs as the training text: the validation figures will say nothing about new text`,
    )
  if (untranslated > pairs / 2)
    onNotice(`${bitextName(train)}: ${untranslated} of ${pairs} pairs have the same text on both sides`)
}

/** @throws UserError `nothing-known` where a vocabulary would have no word */
function chooseVocabularies(counts: TokenCounts, options: PrepareOptions): Vocabularies {
  // With byte-pair encoding the number of merges has bounded the vocabulary already.
  const limit = options.tokenizer === 'bpe' ? undefined : options.vocabulary
  const choose = (side: 'source' | 'target') => {
    const vocabulary = chooseVocabulary(counts[side], { limit, minCount: options.minCount })
    if (unknownShare(counts[side], vocabulary) < 1) return vocabulary
    const most = Math.max(...counts[side].values())
    throw new UserError(
      'nothing-known',
      `--min-count ${options.minCount} leaves nothing but unknown words on the ${side} side: the most frequent one occurs ${most} times`,
    )
  }
  return { source: choose('source'), target: choose('target') }
}

async function* encoded(pairs: Iterable<TokenPair> | AsyncIterable<TokenPair>, { source, target }: Vocabularies) {
  for await (const pair of pairs) yield { source: source.encode(pair.source), target: target.encode(pair.target) }
}
