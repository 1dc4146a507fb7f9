/** Files for one test, removed after it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { temporaryDirectory } from '../support.ts'

/** Writes a file in a directory of its own and returns its path; a name in `.gz` is packed. */
export async function temporaryFile(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryDirectory(), name)
  await writeFile(path, name.endsWith('.gz') ? gzipSync(content) : content)
  return path
}
