/** Unpacking: a packed file as a model's directory again. */
import { join } from 'node:path'
import { MODEL_TEXT_FILES } from '@espalier/runtime/packed'
import { writeModel } from '../checkpoint/model-directory.ts'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { readPacked } from '../translation/open.ts'

/**
 * Writes the model that a file was packed from; of values that were not f32, what they were rounded to.
 * @throws PackedFileError
 */
export async function unpackModel(path: string, out: string, options: { force?: boolean } = {}): Promise<void> {
  const { texts, parameters, mask } = await readPacked(path)
  await createDirectoryAtomic(out, { kind: 'model', force: options.force }, async directory => {
    for (const name of MODEL_TEXT_FILES) await writeFileAtomic(join(directory, name), texts.get(name)!)
    await writeModel(directory, parameters, { mask })
  })
}
