/** From bitext to the numbers that training reads, streaming: a corpus may be larger than memory. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createTokenizer,
  learnBpe,
  SPECIAL_TOKENS,
  type Tokenizer,
  type TokenizerConfig,
  UserError,
  Vocabulary,
} from '@espalier/runtime'
import { z } from 'zod'
import { createDirectoryWhole, parseJson, sha256File, writeWhole } from '../files.ts'
import { type BitextLocation, bitextName, readBitext } from './bitext.ts'
import { PairStore } from './store.ts'

export interface PrepareOptions {
  readonly train: BitextLocation
  readonly valid: BitextLocation
  readonly sourceLanguage: string
  readonly targetLanguage: string
  readonly tokenizer: TokenizerConfig['kind']
  readonly lowercase: boolean
  /** Words (bpe: merges of a joint encoding) to keep at most, special tokens not counted. */
  readonly vocabulary?: number
  /** Words that occur less often become `<unk>`. */
  readonly minCount: number
  /** Pairs with more tokens on a side are left out of the training text (the paper: 50). */
  readonly maxLength: number
  readonly force: boolean
}

/** What was kept and what was left out. */
export interface PreparedSummary {
  readonly trainPairs: number
  readonly validPairs: number
  readonly skippedEmpty: number
  readonly skippedLong: number
  readonly sourceVocabulary: number
  readonly targetVocabulary: number
  /** Share of the training tokens that the vocabulary does not have. */
  readonly sourceUnknown: number
  readonly targetUnknown: number
}

const summarySchema = z.object({
  trainPairs: z.number(),
  validPairs: z.number(),
  skippedEmpty: z.number(),
  skippedLong: z.number(),
  sourceVocabulary: z.number(),
  targetVocabulary: z.number(),
  sourceUnknown: z.number(),
  targetUnknown: z.number(),
})
const dataSchema = z.object({ format: z.literal(1), summary: summarySchema, digests: z.record(z.string(), z.string()) })

/** Files of a prepared directory that training reads; `valid.source` and `valid.target` are the text, for BLEU. */
const FILES = [
  'tokenizer.json',
  'source.vocabulary',
  'target.vocabulary',
  'train.bin',
  'valid.bin',
  'valid.source',
  'valid.target',
]

interface Side {
  readonly config: TokenizerConfig
  readonly tokenizer: Tokenizer
}
interface TokenPair {
  readonly source: string[]
  readonly target: string[]
}

/**
 * Prepares training and validation text in `directory`, which appears complete or not at all.
 * @throws UserError for text that cannot be read, naming file and line
 */
export function prepareCorpus(directory: string, options: PrepareOptions): Promise<PreparedSummary> {
  return createDirectoryWhole(directory, options, async out => {
    const [source, target] = await chooseTokenizers(options)
    const counts = await countTokens(options, source, target)
    const sourceVocabulary = chooseVocabulary(counts.source, options)
    const targetVocabulary = chooseVocabulary(counts.target, options)
    if (counts.pairs === 0)
      throw new UserError('nothing-left', `${bitextName(options.train)}: no pair is left to train on after filtering`)

    const encode = ({ source: s, target: t }: TokenPair) => ({
      source: sourceVocabulary.encode(s),
      target: targetVocabulary.encode(t),
    })
    await writePairs(join(out, 'train.bin'), counts.pairs, trainingPairs(options, source, target), encode)
    const valid = await validationPairs(options, source, target)
    await writePairs(join(out, 'valid.bin'), valid.length, valid, encode)
    for (const side of ['source', 'target'] as const)
      await writeWhole(join(out, `valid.${side}`), valid.map(pair => `${pair.text[side]}\n`).join(''))
    await writeVocabularies(out, { source: sourceVocabulary, target: targetVocabulary })
    await writeWhole(
      join(out, 'tokenizer.json'),
      `${JSON.stringify({ source: source.config, target: target.config })}\n`,
    )
    const unknown = (side: Map<string, number>, vocabulary: Vocabulary) => {
      let [all, missing] = [0, 0]
      for (const [word, n] of side) {
        all += n
        if (!vocabulary.has(word)) missing += n
      }
      return missing / all
    }
    const summary: PreparedSummary = {
      trainPairs: counts.pairs,
      validPairs: valid.length,
      skippedEmpty: counts.empty,
      skippedLong: counts.long,
      sourceVocabulary: sourceVocabulary.size,
      targetVocabulary: targetVocabulary.size,
      sourceUnknown: unknown(counts.source, sourceVocabulary),
      targetUnknown: unknown(counts.target, targetVocabulary),
    }
    const digests: Record<string, string> = {}
    for (const file of FILES) digests[file] = await sha256File(join(out, file))
    await writeWhole(join(out, 'data.json'), `${JSON.stringify({ format: 1, summary, digests }, null, 2)}\n`)
    return summary
  })
}

/** The tokenisers of both sides; byte-pair encoding is learnt first, jointly from both. */
async function chooseTokenizers(options: PrepareOptions): Promise<[Side, Side]> {
  const languages = [options.sourceLanguage, options.targetLanguage]
  const side = (language: string, merges?: readonly string[]): Side => {
    const config: TokenizerConfig = { kind: options.tokenizer, language, lowercase: options.lowercase, merges }
    return { config, tokenizer: createTokenizer(config) }
  }
  if (options.tokenizer !== 'bpe') return [side(languages[0]), side(languages[1])]
  const words = new Map<string, number>()
  const plain = languages.map(language => createTokenizer({ kind: 'words', language, lowercase: options.lowercase }))
  for await (const pair of readBitext(options.train))
    for (const word of [...plain[0].tokenize(pair.source), ...plain[1].tokenize(pair.target)])
      words.set(word, (words.get(word) ?? 0) + 1)
  const merges = learnBpe(words, options.vocabulary ?? 8000)
  return [side(languages[0], merges), side(languages[1], merges)]
}

interface Counts {
  readonly source: Map<string, number>
  readonly target: Map<string, number>
  pairs: number
  empty: number
  long: number
}

async function countTokens(options: PrepareOptions, source: Side, target: Side): Promise<Counts> {
  const counts: Counts = { source: new Map(), target: new Map(), pairs: 0, empty: 0, long: 0 }
  const add = (tokens: string[], to: Map<string, number>) => {
    for (const token of tokens) to.set(token, (to.get(token) ?? 0) + 1)
  }
  for await (const pair of trainingPairs(options, source, target, counts)) {
    counts.pairs++
    add(pair.source, counts.source)
    add(pair.target, counts.target)
  }
  return counts
}

async function* trainingPairs(
  options: PrepareOptions,
  source: Side,
  target: Side,
  skipped?: { empty: number; long: number },
): AsyncGenerator<TokenPair> {
  for await (const pair of readBitext(options.train)) {
    const tokens = { source: source.tokenizer.tokenize(pair.source), target: target.tokenizer.tokenize(pair.target) }
    if (tokens.source.length === 0 || tokens.target.length === 0) {
      if (skipped) skipped.empty++
    } else if (tokens.source.length > options.maxLength || tokens.target.length > options.maxLength) {
      if (skipped) skipped.long++
    } else yield tokens
  }
}

async function validationPairs(options: PrepareOptions, source: Side, target: Side) {
  const pairs: (TokenPair & { text: { source: string; target: string } })[] = []
  for await (const text of readBitext(options.valid)) {
    const tokens = { source: source.tokenizer.tokenize(text.source), target: target.tokenizer.tokenize(text.target) }
    if (tokens.source.length > 0 && tokens.target.length > 0) pairs.push({ ...tokens, text })
  }
  if (pairs.length === 0) throw new UserError('empty-file', `${bitextName(options.valid)}: no pair to validate on`)
  return pairs
}

/** The most frequent tokens; equal counts in order of the tokens' code units. */
export function chooseVocabulary(
  counts: ReadonlyMap<string, number>,
  { vocabulary, minCount, tokenizer }: Pick<PrepareOptions, 'vocabulary' | 'minCount' | 'tokenizer'>,
): Vocabulary {
  const special = new Set<string>(SPECIAL_TOKENS)
  const kept = [...counts]
    .filter(([token, n]) => n >= minCount && !special.has(token))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([token]) => token)
  // With byte-pair encoding the number of merges has bounded the vocabulary already.
  const limit = tokenizer === 'bpe' ? kept.length : (vocabulary ?? kept.length)
  return new Vocabulary([...SPECIAL_TOKENS, ...kept.slice(0, limit)])
}

/** Writes `source.vocabulary` and `target.vocabulary`: one token a line, the line is its id. */
export async function writeVocabularies(
  directory: string,
  sides: { source: Vocabulary; target: Vocabulary },
): Promise<void> {
  for (const side of ['source', 'target'] as const)
    await writeWhole(join(directory, `${side}.vocabulary`), `${sides[side].tokens.join('\n')}\n`)
}

/** Reads both vocabularies of a prepared directory or of a model. */
export async function readVocabularies(directory: string): Promise<{ source: Vocabulary; target: Vocabulary }> {
  const read = async (side: string) => {
    const path = join(directory, `${side}.vocabulary`)
    const text = await readFile(path, 'utf8').catch(() => {
      throw new UserError('missing-file', `${path} is missing`)
    })
    return new Vocabulary(text.replace(/\n$/u, '').split('\n'))
  }
  return { source: await read('source'), target: await read('target') }
}

async function writePairs<P extends TokenPair>(
  path: string,
  length: number,
  pairs: Iterable<P> | AsyncIterable<P>,
  encode: (pair: P) => { source: number[]; target: number[] },
): Promise<void> {
  async function* bytes() {
    yield PairStore.header(length)
    let numbers: number[] = []
    const flush = () => new Uint8Array(Int32Array.from(numbers).buffer)
    for await (const pair of pairs) {
      const { source, target } = encode(pair)
      numbers.push(source.length, target.length, ...source, ...target)
      if (numbers.length > 1 << 18) {
        yield flush()
        numbers = []
      }
    }
    yield flush()
  }
  await writeWhole(path, bytes())
}

const tokenizerSchema = z.object({
  kind: z.enum(['words', 'none', 'bpe']),
  language: z.string(),
  lowercase: z.boolean(),
  merges: z.array(z.string()).optional(),
})

/** Both sides' tokenisation as kept in `tokenizer.json`. */
export interface TokenizerConfigs {
  readonly source: TokenizerConfig
  readonly target: TokenizerConfig
}
export async function readTokenizers(directory: string): Promise<TokenizerConfigs> {
  const path = join(directory, 'tokenizer.json')
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError('missing-file', `${path} is missing`)
  })
  const parsed = z.object({ source: tokenizerSchema, target: tokenizerSchema }).safeParse(parseJson(text, path))
  if (!parsed.success) throw new UserError('damaged-file', `${path}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

/** A prepared directory, opened. */
export interface PreparedCorpus {
  readonly directory: string
  readonly summary: PreparedSummary
  /** SHA-256 of each file, by name. */
  readonly digests: Readonly<Record<string, string>>
  readonly tokenizers: TokenizerConfigs
  readonly vocabularies: { readonly source: Vocabulary; readonly target: Vocabulary }
  readonly train: PairStore
  readonly valid: PairStore
}

/** Opens a prepared directory. @throws UserError `not-prepared`, `damaged-data` naming the file */
export async function openPrepared(directory: string): Promise<PreparedCorpus> {
  const path = join(directory, 'data.json')
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError('not-prepared', `${directory} has no data.json: make it with 'espalier prepare'`)
  })
  const parsed = dataSchema.safeParse(parseJson(text, path))
  if (!parsed.success) throw new UserError('damaged-data', `${path}: ${z.prettifyError(parsed.error)}`)
  const { digests, summary } = parsed.data
  for (const [file, digest] of Object.entries(digests)) {
    const found = await sha256File(join(directory, file)).catch(() => undefined)
    if (found === undefined) throw new UserError('damaged-data', `${join(directory, file)} is missing`)
    if (found !== digest)
      throw new UserError('damaged-data', `${join(directory, file)} was altered or cut since it was prepared`)
  }
  return {
    directory,
    summary,
    digests,
    tokenizers: await readTokenizers(directory),
    vocabularies: await readVocabularies(directory),
    train: await PairStore.read(join(directory, 'train.bin')),
    valid: await PairStore.read(join(directory, 'valid.bin')),
  }
}
