/** Unpacking: a packed file as a model's directory again. */
import { join } from 'node:path'
import {
  checkTensors,
  PackedReader,
  type PackedSource,
  parseTexts,
  readTexts,
  TEXT_FILES,
  TEXT_SECTION,
  unpackTensor,
} from '@espalier/runtime/packed'
import { writeModel } from '../checkpoint/model-directory.ts'
import { createDirectoryWhole, writeWhole } from '../files.ts'
import { Mask } from '../pruning/mask.ts'

/**
 * Writes the model that a file was packed from; of values that were not f32, what they were rounded to.
 * @throws PackedFileError
 */
export async function unpackModel(source: PackedSource, out: string, options: { force?: boolean } = {}): Promise<void> {
  const file = await PackedReader.open(source)
  const texts = await readTexts(await file.section(TEXT_SECTION))
  checkTensors(parseTexts(texts).network, file.header.tensors)
  const parameters = new Map<string, { shape: readonly number[]; data: Float32Array }>()
  const kept = new Map<string, Uint8Array>()
  for (const entry of file.header.tensors) {
    const tensor = unpackTensor(await file.tensor(entry))
    parameters.set(entry.name, { shape: entry.shape, data: tensor.data })
    if (tensor.kept) kept.set(entry.name, tensor.kept)
  }
  await file.finish()
  await createDirectoryWhole(out, { force: options.force ?? false, mark: 'config.json' }, async directory => {
    for (const name of TEXT_FILES) await writeWhole(join(directory, name), texts.get(name)!)
    await writeModel(directory, parameters, { mask: kept.size > 0 ? new Mask(kept) : undefined })
  })
}
