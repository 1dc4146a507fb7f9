/** YAML that users write, with errors of our own. */
import { readFile } from 'node:fs/promises'
import { UserError } from '@espalier/runtime'
import { parse, YAMLParseError } from 'yaml'
import { show } from '../configuration/issues.ts'

/** What is wrong, by the parser's code. */
const PROBLEMS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'the indentation is wrong',
  TAB_AS_INDENT: 'tabs cannot indent; use spaces',
  DUPLICATE_KEY: 'a key is there twice',
  MISSING_CHAR: 'a bracket, quote, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a colon, bracket or quote is missing',
  BAD_ALIAS: 'an alias (*) has no anchor (&)',
  BLOCK_IN_FLOW: 'a block cannot stand inside brackets',
  BLOCK_AS_IMPLICIT_KEY: 'a key holds keys in one line; begin a new line',
}

/** A YAML value. @param origin what errors call it @throws UserError `invalid-yaml` */
export function parseYaml(text: string, origin: string): unknown {
  try {
    return parse(text, { logLevel: 'error' })
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    const line = error.linePos?.[0].line
    const where = line === undefined || !text.includes('\n') ? '' : `, line ${line}`
    const problem = PROBLEMS[error.code] ?? 'check brackets, quotes, colons and indentation'
    throw new UserError('invalid-yaml', `${origin}${where}: this is not valid YAML: ${problem}`)
  }
}

/** A YAML file's keys and values. @throws UserError `missing-file`, `not-a-file`, `invalid-yaml` */
export async function readYamlFile(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      throw new UserError('missing-file', `${path}: no such file`)
    if (error.code === 'EISDIR') throw new UserError('not-a-file', `${path} is a directory; name a YAML file`)
    throw error
  })
  const value = parseYaml(text, path) ?? {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  throw new UserError(
    'invalid-yaml',
    `${path} holds ${show(value)}; it has to hold keys with values, as in model: {layers: 2}`,
  )
}
