/**
 * A prepared directory:
 *
 *     data.json            format, summary, SHA-256 of each other file
 *     tokenizer.json       how text became tokens, for both sides
 *     source.vocabulary    one token a line; the line is its id
 *     target.vocabulary
 *     train.bin            pairs of token ids; the format is in pair-file.ts
 *     valid.bin
 *     valid.source         the validation text as it was, for BLEU
 *     valid.target
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseTokenizerConfig, type TokenizerConfig, UserError } from '@espalier/runtime'
import { z } from 'zod'
import { describeIssue } from '../configuration/issues.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { sha256File } from '../storage/digest.ts'
import { parseJson } from '../storage/json.ts'
import { readPairs } from './pair-file.ts'
import type { PreparedCorpus, PreparedSummary, TokenizerConfigs } from './prepared-corpus.ts'
import { readVocabularies } from './vocabulary-files.ts'

/** The file by which a prepared directory is recognised. */
export const DATA_FILE = 'data.json'
/** The files whose digests it holds. */
const FILES = [
  'tokenizer.json',
  'source.vocabulary',
  'target.vocabulary',
  'train.bin',
  'valid.bin',
  'valid.source',
  'valid.target',
]

const dataSchema = z.object({
  format: z.literal(1),
  summary: z.object({
    trainPairs: z.number(),
    validPairs: z.number(),
    skippedEmpty: z.number(),
    skippedLong: z.number(),
    sourceVocabulary: z.number(),
    targetVocabulary: z.number(),
    sourceUnknown: z.number(),
    targetUnknown: z.number(),
  }),
  digests: z.record(z.enum(FILES), z.string()),
})

/** Writes `data.json` beside the files it describes. */
export async function writeData(directory: string, summary: PreparedSummary): Promise<void> {
  const digests: Record<string, string> = {}
  for (const file of FILES) digests[file] = await sha256File(join(directory, file))
  await writeFileAtomic(join(directory, DATA_FILE), `${JSON.stringify({ format: 1, summary, digests }, null, 2)}\n`)
}

export async function writeTokenizers(directory: string, configs: TokenizerConfigs): Promise<void> {
  await writeFileAtomic(join(directory, 'tokenizer.json'), `${JSON.stringify(configs)}\n`)
}

/**
 * Reads the tokenisation of a prepared directory or of a model.
 * @throws UserError `missing-file`, `damaged-file`
 */
export async function readTokenizers(directory: string): Promise<TokenizerConfigs> {
  const path = join(directory, 'tokenizer.json')
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError('missing-file', `${path} is missing`)
  })
  return parseTokenizers(text, path)
}

/** Checks what `tokenizer.json` holds. @param path named in errors */
export function parseTokenizers(text: string, path: string): TokenizerConfigs {
  const parsed = parseJson(text, path)
  const side = (name: keyof TokenizerConfigs): TokenizerConfig => {
    try {
      return parseTokenizerConfig((parsed as Partial<Record<string, unknown>> | null)?.[name])
    } catch (error) {
      throw error instanceof UserError ? new UserError('damaged-file', `${path}, ${name}: ${error.message}`) : error
    }
  }
  return { source: side('source'), target: side('target') }
}

/**
 * Opens a prepared directory; its pairs are read into memory.
 * @throws UserError `not-prepared`, `damaged-data` naming the file
 */
export async function openPrepared(directory: string): Promise<PreparedCorpus> {
  const path = join(directory, DATA_FILE)
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError('not-prepared', `${directory} has no ${DATA_FILE}: make it with 'espalier prepare'`)
  })
  const value = parseJson(text, path)
  const parsed = dataSchema.safeParse(value)
  if (!parsed.success) throw new UserError('damaged-data', `${path}: ${describeIssue(parsed.error, value)}`)
  const { digests, summary } = parsed.data
  for (const [file, digest] of Object.entries(digests)) await checkDigest(join(directory, file), digest)
  return {
    directory,
    summary,
    digests,
    tokenizers: await readTokenizers(directory),
    vocabularies: await readVocabularies(directory),
    train: await readPairs(join(directory, 'train.bin')),
    valid: await readPairs(join(directory, 'valid.bin')),
  }
}

async function checkDigest(path: string, digest: string): Promise<void> {
  const found = await sha256File(path).catch(() => undefined)
  if (found === undefined) throw new UserError('damaged-data', `${path} is missing; prepare the data again`)
  if (found !== digest)
    throw new UserError('damaged-data', `${path} was altered or cut since it was prepared; prepare the data again`)
}

/** The validation text as it was before it was cut into tokens. */
export async function readValidationText(directory: string): Promise<{ sources: string[]; references: string[] }> {
  const lines = async (file: string) => (await readFile(join(directory, file), 'utf8')).split('\n').slice(0, -1)
  return { sources: await lines('valid.source'), references: await lines('valid.target') }
}
