/** Opening models of either kind for translation: directories are run by the engine, packed files by the runtime's kernels. */
import { startTranslator, type TranslationService, Translator } from '@espalier/runtime'
import { createNodeWorker } from '@espalier/runtime/node'
import type { PackedSource } from '@espalier/runtime/packed'
import { type ModelDirectory, readModel } from '../checkpoint/model-directory.ts'
import { fileBytes, isPacked, withPath } from '../checkpoint/packed-file.ts'
import { openEngineTranslator } from './engine-translator.ts'

/**
 * Opens a model for translation. Whoever opens a translator releases it.
 * @param model a directory or a packed file, by its path or as it was read
 * @param threads of a directory: inside an operator, default all cores; of a packed file: each translates batches of its
 *   own, default 1
 * @throws UserError `missing-file`, `damaged-file`, `not-a-model`, `not-finite`
 */
export async function openTranslator(model: string | ModelDirectory, threads?: number): Promise<TranslationService> {
  if (typeof model !== 'string')
    return model.packed ? openPacked(model.directory, model.packed, threads) : openEngineTranslator(model, threads)
  if (await isPacked(model)) return openPacked(model, fileBytes(model), threads)
  return openEngineTranslator(await readModel(model), threads)
}

function openPacked(path: string, source: PackedSource, threads = 1): Promise<TranslationService> {
  return withPath(path, async () =>
    threads === 1
      ? await Translator.load(source)
      : await startTranslator(source, { threads, createWorker: createNodeWorker }),
  )
}
