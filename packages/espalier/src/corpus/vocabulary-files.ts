/** Vocabularies as text files of one token a line. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError, Vocabulary } from '@espalier/runtime'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import type { Vocabularies } from './vocabularies.ts'

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
  return parseVocabulary(text, path)
}

/** @param path named in errors @throws UserError `damaged-file` */
export function parseVocabulary(text: string, path: string): Vocabulary {
  try {
    return Vocabulary.parse(text)
  } catch (error) {
    throw error instanceof UserError ? new UserError('damaged-file', `${path}: ${error.message}`) : error
  }
}
