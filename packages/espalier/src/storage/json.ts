/** JSON files that this program wrote. */
import { UserError } from '@espalier/runtime'

/** @param path named in the error @throws UserError `damaged-file` */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UserError('damaged-file', `${path} is not valid JSON (${(error as Error).message})`)
  }
}
