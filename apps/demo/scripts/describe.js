/** What the page is told of the packed files of a folder. */
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PackedReader, readTexts, TEXT_SECTION } from '@espalier/runtime/packed'
import { DemoError } from './error.js'

/** The list of a folder's packed files, with what the files do not say themselves; a folder may be without one. */
export const LIST = 'models.json'
const PACKED_FILE = /\.espalier$/u

/**
 * @typedef {object} Description of a packed file; what cannot be read in it is left out
 * @property {string} label @property {string} file @property {number} bytes
 * @property {number} [weights] prunable or not @property {number} [kept]
 * @property {string[]} [values] encodings of its matrices
 * @property {number[]} [block] rows and columns, where the weights that are kept stand in blocks
 * @property {number} [bleu] on a text that the list or the file names
 * @property {[source: string, target: string]} [languages] their codes
 *
 * @typedef {object} List
 * @property {string} [text] what the models were trained on @property {string} [domain] what that is about
 * @property {{ pairs: number, seed: number }} [phrasebook] the grammar's text, where it is that
 * @property {string[]} [examples] sentences to try @property {string[]} [measured] sentences to measure speed with
 */

/**
 * The list for the page, the dense model first.
 * @param {string} folder
 * @returns {Promise<List & { models: Description[] }>}
 * @throws DemoError where there is no packed file
 */
export async function describeFolder(folder) {
  const names = await readdir(folder).catch(() => {
    throw new DemoError(`${folder}: there is no such folder`)
  })
  const listed = names.includes(LIST) ? await readList(join(folder, LIST)) : undefined
  const files = names.filter(name => PACKED_FILE.test(name)).sort()
  const models = listed?.models ?? files.map(file => ({ file, label: file.replace(PACKED_FILE, '') }))
  if (models.length === 0)
    throw new DemoError(`${folder}: there is no packed model (a file ending in .espalier; 'espalier pack' makes them)`)
  const described = await Promise.all(models.map(model => describeFile(folder, model)))
  if (!listed) described.sort((a, b) => share(b) - share(a))
  return { ...listed, models: described }
}

const share = (/** @type {Description} */ { weights, kept }) => (weights && kept !== undefined ? kept / weights : 0)

/** @param {string} path @returns {Promise<List & { models: { label: string, file: string, bleu?: number }[] }>} */
async function readList(path) {
  try {
    /** @type {List & { models: { label: string, file: string, bleu?: number }[] }} */
    const list = JSON.parse(await readFile(path, 'utf8'))
    if (list.models.every(({ label, file }) => typeof label === 'string' && typeof file === 'string')) return list
  } catch {
    // Told below.
  }
  throw new DemoError(`${path}: it is no list of models; remove it, and the folder's .espalier files are taken`)
}

/** @param {string} folder @param {{ label: string, file: string, bleu?: number }} model @returns {Promise<Description>} */
async function describeFile(folder, model) {
  const path = join(folder, model.file)
  const bytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
  try {
    const { header, languages } = await readHead(path)
    const matrices = header.tensors.filter(({ shape }) => shape.length === 2)
    const count = (/** @type {(tensor: typeof matrices[0]) => number} */ of) => matrices.reduce((n, t) => n + of(t), 0)
    const blocks = new Set(matrices.map(({ block = [1, 1] }) => block.join()))
    return {
      ...model,
      bytes,
      languages,
      weights: count(({ shape }) => shape[0] * shape[1]),
      kept: count(({ kept }) => kept),
      values: [...new Set(matrices.map(({ encoding }) => encoding))],
      block: blocks.size === 1 && !blocks.has('1,1') ? [...(matrices[0].block ?? [])] : undefined,
      bleu: model.bleu ?? header.quality?.find(({ name }) => name.startsWith('BLEU'))?.value,
    }
  } catch {
    // The page tells what is wrong with the file when it loads it.
    return { ...model, bytes }
  }
}

/** The header and the languages that the text section names. @param {string} path */
async function readHead(path) {
  const reader = await PackedReader.open(createReadStream(path))
  try {
    const texts = await readTexts(await reader.section(TEXT_SECTION))
    const { source, target } = JSON.parse(texts.get('tokenizer.json') ?? '{}')
    const languages = /** @type {[string, string]} */ ([String(source.language), String(target.language)])
    return { header: reader.header, languages }
  } finally {
    await reader.close()
  }
}
