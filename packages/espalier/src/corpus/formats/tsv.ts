/** Parallel text in one file of columns with tabs between them. */
import { UserError } from '@espalier/runtime'
import { lines } from '../lines.ts'
import type { SentencePair } from '../sentence-pair.ts'

/**
 * The first two columns of each line: source, target. Further ones (scores, origins) are passed over.
 * @throws UserError `tsv-columns` with the line, and as {@link lines}
 */
export async function* tsvPairs(path: string, onRead?: (bytes: number) => void): AsyncGenerator<SentencePair> {
  let number = 0
  for await (const line of lines(path, { nonEmpty: true, onRead })) {
    number++
    const columns = line.split('\t')
    if (columns.length < 2)
      throw new UserError('tsv-columns', `${path}, line ${number}: one column; a line is source, tab, target`)
    yield { source: columns[0], target: columns[1], line: number }
  }
}
