/** Packed files, read whole into what a model's directory holds, or their header alone. */
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { UserError } from '@espalier/runtime'
import {
  checkTensors,
  PackedReader,
  type PackedSource,
  parseNetwork,
  parseSides,
  readTexts,
  TEXT_SECTION,
  unpackTensor,
} from '@espalier/runtime/packed'
import { parseTokenizers } from '../corpus/prepared.ts'
import { refuseNonFinite } from '../pruning/finite.ts'
import { Mask } from '../pruning/mask.ts'
import { type ModelDirectory, parseManifest, readModel } from './model-directory.ts'

const PIECE = 1 << 20

/** Whether a path is a packed file, not a directory. @throws UserError `missing-file` */
export async function isPacked(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      throw new UserError('missing-file', `${path}: there is no such model`)
    throw error
  })
  return found.isFile()
}

/** A packed file's bytes, as they are read. */
export const fileBytes = (path: string): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: PIECE })

/** Adds the file's path to errors about its content. */
export async function withPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UserError) error.message = `${path}: ${error.message}`
    throw error
  }
}

/** Reads a model of either kind; of a packed file, the weights as they were rounded. The file is read once. */
export async function readAnyModel(path: string): Promise<ModelDirectory> {
  if (!(await isPacked(path))) return readModel(path)
  const packed = new Uint8Array(await readFile(path))
  const { texts, sides, parameters, mask } = await readPacked(path, packed)
  return {
    directory: path,
    config: parseManifest(texts.get('config.json')!, path),
    texts,
    tokenizers: parseTokenizers(texts.get('tokenizer.json')!, path),
    vocabularies: { source: sides.source.vocabulary, target: sides.target.vocabulary },
    parameters,
    mask,
    packed,
  }
}

/**
 * All that a packed file holds.
 * @param path named in errors
 * @throws PackedFileError; UserError `not-finite`
 */
export async function readPacked(path: string, source: PackedSource = fileBytes(path)) {
  return withPath(path, async () => {
    const file = await PackedReader.open(source)
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
      refuseNonFinite(parameters)
      const mask = kept.size > 0 ? new Mask(kept) : undefined
      return { header: file.header, bytes: file.bytes, texts, sides, parameters, mask }
    } finally {
      await file.close()
    }
  })
}

/** A packed file's header, and the parameters of the network that it says it holds. @throws PackedFileError */
export async function readPackedHeader(path: string) {
  return withPath(path, async () => {
    const file = await PackedReader.open(fileBytes(path))
    try {
      const network = parseNetwork(await readTexts(await file.section(TEXT_SECTION)))
      return { header: file.header, bytes: file.bytes, parameters: checkTensors(network, file.header.tensors) }
    } finally {
      await file.close()
    }
  })
}
