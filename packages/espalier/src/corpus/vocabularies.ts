/** Vocabularies: chosen from counted tokens, kept as text files of one token a line. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SPECIAL_TOKENS, UserError, Vocabulary } from '@espalier/runtime'
import { writeFileAtomic } from '../storage/atomic-files.ts'

/** The vocabularies of both sides. */
export interface Vocabularies {
  readonly source: Vocabulary
  readonly target: Vocabulary
}

/**
 * The most frequent tokens after the special ones; equal counts in order of the tokens' code units.
 * @param limit how many tokens at most, special ones not counted
 */
export function chooseVocabulary(
  counts: ReadonlyMap<string, number>,
  { limit = Number.POSITIVE_INFINITY, minCount }: { limit?: number; minCount: number },
): Vocabulary {
  const special = new Set<string>(SPECIAL_TOKENS)
  const kept = [...counts]
    .filter(([token, n]) => n >= minCount && !special.has(token))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([token]) => token)
  return new Vocabulary([...SPECIAL_TOKENS, ...kept.slice(0, limit)])
}

/** The share of counted tokens that a vocabulary does not have. */
export function unknownShare(counts: ReadonlyMap<string, number>, vocabulary: Vocabulary): number {
  let [all, missing] = [0, 0]
  for (const [word, n] of counts) {
    all += n
    if (!vocabulary.has(word)) missing += n
  }
  return missing / all
}

/** Writes `source.vocabulary` and `target.vocabulary`: one token a line, the line (from 0) is its id. */
export async function writeVocabularies(directory: string, vocabularies: Vocabularies): Promise<void> {
  for (const side of ['source', 'target'] as const)
    await writeFileAtomic(join(directory, `${side}.vocabulary`), vocabularies[side].toText())
}

/**
 * Reads both vocabularies of a prepared directory or of a model.
 * @throws UserError `missing-file`, `damaged-file`
 */
export async function readVocabularies(directory: string): Promise<Vocabularies> {
  return {
    source: await readVocabulary(join(directory, 'source.vocabulary')),
    target: await readVocabulary(join(directory, 'target.vocabulary')),
  }
}

async function readVocabulary(path: string): Promise<Vocabulary> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError('missing-file', `${path} is missing`)
  })
  try {
    return Vocabulary.parse(text)
  } catch (error) {
    throw error instanceof UserError ? new UserError('damaged-file', `${path}: ${error.message}`) : error
  }
}
