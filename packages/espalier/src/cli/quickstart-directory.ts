/** The directory of a quickstart: made, or recognised as one to go on in. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { directoryKind } from '../storage/directory-kinds.ts'
import { parseJson } from '../storage/json.ts'
import { note } from './output.ts'

const FILE = 'quickstart.json'

/** @throws UserError `other-configuration` where it was begun with another seed; as `createDirectoryAtomic` */
export async function openQuickstart(out: string, { seed, force }: { seed: number; force: boolean }): Promise<void> {
  if (force || (await directoryKind(out)) !== 'quickstart') {
    await createDirectoryAtomic(out, { kind: 'quickstart', force }, directory =>
      writeFileAtomic(join(directory, FILE), `${JSON.stringify({ format: 1, seed })}\n`),
    )
    return
  }
  const path = join(out, FILE)
  const begun = parseJson(await readFile(path, 'utf8'), path) as { seed?: number }
  if (begun.seed !== seed)
    throw new UserError(
      'other-configuration',
      `${out} was begun with --seed ${begun.seed}, not ${seed}; give that one, choose another --out, or begin anew with --force`,
    )
  note(`going on in ${out}`)
}
