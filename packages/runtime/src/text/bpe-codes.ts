/** Files of byte-pair merges as subword-nmt writes them: a line `#version: 0.2`, then one merge a line. */
import { UserError } from '../errors.ts'

const VERSION = '#version: 0.2'

/**
 * The merges of a code file in the order they were learnt, each two symbols with a space between.
 * @param limit how many to take at most
 * @throws UserError `bpe-codes` with the line
 */
export function parseBpeCodes(text: string, limit = Number.POSITIVE_INFINITY): string[] {
  const lines = text.replace(/\r?\n$/u, '').split(/\r?\n/u)
  if (lines[0].replace(/\s/gu, '') !== VERSION.replace(' ', ''))
    throw new UserError(
      'bpe-codes',
      `line 1 is not ${VERSION}: no code file of subword-nmt, or one of an older version`,
    )
  return lines.slice(1, limit + 1).map((line, i) => {
    const symbols = line.trimEnd().split(' ')
    if (symbols.length !== 2 || symbols.includes(''))
      throw new UserError('bpe-codes', `line ${i + 2} is not two symbols with a space between`)
    return symbols.join(' ')
  })
}

/** The text of a code file. */
export function formatBpeCodes(merges: readonly string[]): string {
  return `${[VERSION, ...merges].join('\n')}\n`
}
