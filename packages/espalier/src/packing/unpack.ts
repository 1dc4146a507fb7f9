/** Unpacking: a packed file as a model's directory again. */
import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import { MODEL_TEXT_FILES } from '@espalier/runtime/packed'
import { writeModel } from '../checkpoint/model-directory.ts'
import { isPacked, readPacked } from '../checkpoint/packed-file.ts'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { checkOutput } from '../storage/outputs.ts'

/**
 * Writes the model that a file was packed from into a new directory; values that were not packed as f32 stay rounded.
 * @param options.force replace a model that is there
 * @throws PackedFileError; UserError `missing-file`, `output-exists`, `not-ours`, `not-finite`
 */
export async function unpackModel(path: string, out: string, options: { force?: boolean } = {}): Promise<void> {
  if (!(await isPacked(path))) throw new UserError('not-packed', `${path} is a directory; a packed model is a file`)
  await checkOutput(out, { kind: 'directory', force: options.force, others: [path] })
  const { texts, parameters, mask } = await readPacked(path)
  await createDirectoryAtomic(out, { kind: 'model', force: options.force }, async directory => {
    for (const name of MODEL_TEXT_FILES) await writeFileAtomic(join(directory, name), texts.get(name)!)
    await writeModel(directory, parameters, { mask })
  })
}
