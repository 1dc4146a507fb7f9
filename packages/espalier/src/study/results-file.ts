/** `results.json`, read. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import { describeIssue } from '../configuration/issues.ts'
import { parseJson } from '../storage/json.ts'
import { RESULTS_FORMAT, resultsSchema, type StudyResults } from './results.ts'

export const resultsPath = (directory: string) => join(directory, 'results.json')

/** Reads a study's `results.json`. @throws UserError `damaged-file`, `other-format` where another version has written it */
export async function readResults(directory: string): Promise<StudyResults> {
  const path = resultsPath(directory)
  const value = parseJson(await readFile(path, 'utf8'), path)
  const format = formatOf(value)
  if (format !== undefined && format !== RESULTS_FORMAT)
    throw new UserError(
      'other-format',
      `${path} has format ${format}, and this version reads format ${RESULTS_FORMAT}; ` +
        'move it away and give the command of the study again, which makes it anew from the models that are there',
    )
  const parsed = resultsSchema.safeParse(value)
  if (!parsed.success) throw new UserError('damaged-file', `${path}: ${describeIssue(parsed.error, value)}`)
  return parsed.data
}

const formatOf = (value: unknown) =>
  typeof value === 'object' && value !== null ? (value as { format?: unknown }).format : undefined
