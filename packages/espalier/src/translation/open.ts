/** Models of either kind: a checkpoint's directory, run by the engine, or a packed file, run by the runtime's kernels. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { startTranslator, type TranslationService, Translator, UserError } from '@espalier/runtime'
import { createNodeWorker } from '@espalier/runtime/node'
import {
  checkTensors,
  PackedReader,
  parseNetwork,
  parseSides,
  readTexts,
  TEXT_SECTION,
  unpackTensor,
} from '@espalier/runtime/packed'
import { type ModelDirectory, parseManifest, readModel } from '../checkpoint/model-directory.ts'
import { parseTokenizers } from '../corpus/prepared.ts'
import { Mask } from '../pruning/mask.ts'
import { openTranslator } from './onnx-translator.ts'

const PIECE = 1 << 20

/** Whether a path is a packed file, not a directory. @throws UserError `missing-file` */
export async function isPacked(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => {
    throw new UserError('missing-file', `${path}: there is no such model`)
  })
  return found.isFile()
}

/** A packed file's bytes, as they are read. */
export const fileBytes = (path: string): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: PIECE })

/** Tells which file is damaged. */
async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UserError) error.message = `${path}: ${error.message}`
    throw error
  }
}

/**
 * Opens a model for translation.
 * @param threads of a directory: inside an operator, default all cores; of a packed file: each translates batches of its
 *   own, default 1
 */
export async function openAnyTranslator(path: string, threads?: number): Promise<TranslationService> {
  if (!(await isPacked(path))) return openTranslator(await readModel(path), threads)
  return named(path, async () => {
    if (threads === undefined || threads === 1) return Translator.load(fileBytes(path))
    return startTranslator(fileBytes(path), { threads, createWorker: createNodeWorker })
  })
}

/** Reads a model of either kind; of a packed file, the weights as they were rounded. */
export async function readAnyModel(path: string): Promise<ModelDirectory> {
  if (!(await isPacked(path))) return readModel(path)
  const { texts, sides, parameters, mask } = await readPacked(path)
  return {
    directory: path,
    config: parseManifest(texts.get('config.json')!, path),
    tokenizers: parseTokenizers(texts.get('tokenizer.json')!, path),
    vocabularies: { source: sides.source.vocabulary, target: sides.target.vocabulary },
    parameters,
    mask,
  }
}

/** All that a packed file holds. @throws PackedFileError */
export async function readPacked(path: string) {
  return named(path, async () => {
    const file = await PackedReader.open(fileBytes(path))
    try {
      const texts = await readTexts(await file.section(TEXT_SECTION))
      const network = parseNetwork(texts)
      const sides = parseSides(texts, network)
      checkTensors(network, file.header.tensors)
      const parameters = new Map<string, { shape: readonly number[]; data: Float32Array }>()
      const kept = new Map<string, Uint8Array>()
      for (const entry of file.header.tensors) {
        const tensor = unpackTensor(await file.tensor(entry))
        parameters.set(entry.name, { shape: entry.shape, data: tensor.data })
        if (tensor.kept) kept.set(entry.name, tensor.kept)
      }
      await file.finish()
      const mask = kept.size > 0 ? new Mask(kept) : undefined
      return { header: file.header, bytes: file.bytes, texts, sides, parameters, mask }
    } finally {
      await file.close()
    }
  })
}

/** A packed file's header, and the parameters of the network that it says it holds. @throws PackedFileError */
export async function readPackedHeader(path: string) {
  return named(path, async () => {
    const file = await PackedReader.open(fileBytes(path))
    try {
      const network = parseNetwork(await readTexts(await file.section(TEXT_SECTION)))
      return { header: file.header, bytes: file.bytes, parameters: checkTensors(network, file.header.tensors) }
    } finally {
      await file.close()
    }
  })
}
