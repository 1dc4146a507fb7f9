/** Texts whose lines correspond. */
import { UserError } from '@espalier/runtime'
import { readLines } from '../corpus/lines.ts'

/** @throws UserError `lengths-differ`, and as `readLines` */
export async function readParallel(source: string, reference: string) {
  const sources = await readLines(source, { nonEmpty: true })
  const references = await readLines(reference, { nonEmpty: true })
  checkLengths(source, sources, reference, references)
  return { sources, references }
}

/** @throws UserError `lengths-differ` */
export function checkLengths(
  path: string,
  lines: readonly string[],
  otherPath: string,
  otherLines: readonly string[],
): void {
  if (lines.length !== otherLines.length)
    throw new UserError(
      'lengths-differ',
      `${path} has ${lines.length} lines and ${otherPath} has ${otherLines.length}; line n of one belongs to line n of the other`,
    )
}
