// @ts-check
/**
 * Parallel text from pages of LibreOffice's Help. A page has the same path in every language, and its paragraphs and headings
 * have the same ids, so that they need no aligner: what has the same id is a translation of each other.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultTreeAdapter, parse } from 'parse5'

/** @typedef {readonly [source: string, target: string]} Pair */
/** @typedef {import('parse5').DefaultTreeAdapterTypes.Node} Node */
/** @typedef {{ train: Pair[], valid: Pair[], test: Pair[] }} Splits */

/** Pairs that the held-out parts have at least; a document is never divided. */
export const HELD_OUT = { valid: 1000, test: 2000 }

const WORDS = { least: 2, most: 60 }

/** Languages that are written without spaces between words. */
const UNSPACED = new Set(['dz', 'ja', 'km', 'lo', 'my', 'th', 'zh'])

/**
 * The texts of a page by the ids of their paragraphs and headings, white space collapsed. Where an id occurs several times, as
 * in pages that show parts of others, the last text counts.
 * @param {string} html
 * @returns {Map<string, string>}
 */
export function textsOf(html) {
  /** @type {Map<string, string>} */
  const texts = new Map()
  /** @param {Node} node */
  const visit = node => {
    if (defaultTreeAdapter.isElementNode(node) && /^(?:p|h[1-6])$/.test(node.tagName)) {
      const id = node.attrs.find(({ name }) => name === 'id')?.value
      if (id !== undefined) texts.set(id, textContent(node).replace(/\s+/gu, ' ').trim())
    }
    for (const child of childrenOf(node)) visit(child)
  }
  visit(parse(html))
  return texts
}

/** @param {Node} node @returns {string} */
function textContent(node) {
  return defaultTreeAdapter.isTextNode(node) ? node.value : childrenOf(node).map(textContent).join('')
}

/** @param {Node} node */
const childrenOf = node => ('childNodes' in node ? node.childNodes : [])

/**
 * Whether a pair is worth learning from: translated, of 2 to 60 words, and its source more than capitals, digits and signs.
 * @param {Pair} pair
 * @param {{ source: string, target: string }} languages
 */
export function isUsable([source, target], languages) {
  if (source === '' || target === '' || source === target) return false
  if (!/\p{Ll}{2}|\p{Lo}/u.test(source)) return false
  const words = wordCount(source, languages.source)
  return words >= WORDS.least && words <= WORDS.most && wordCount(target, languages.target) <= WORDS.most
}

/** @param {string} text @param {string} language */
function wordCount(text, language) {
  if (!UNSPACED.has(language.split('-')[0])) return text.split(' ').length
  const segments = new Intl.Segmenter(language, { granularity: 'word' }).segment(text)
  return [...segments].filter(({ isWordLike }) => isWordLike).length
}

/**
 * The pairs of one document, in order of their ids.
 * @param {ReadonlyMap<string, string>} source
 * @param {ReadonlyMap<string, string>} target
 * @returns {Pair[]}
 */
export function alignTexts(source, target) {
  return [...source.keys()].sort().map(id => [source.get(id) ?? '', target.get(id) ?? ''])
}

/**
 * Divides documents into training, validation and test text. Each pair is kept where it occurs first by path. Documents follow
 * each other by the SHA-256 of their path, which is an order by chance that is the same for all languages; the first ones are
 * the validation text, the next ones the test text. Training text has no source of these two, whatever its capitals.
 * @param {ReadonlyMap<string, readonly Pair[]>} documents by path
 * @param {{ valid: number, test: number }} [heldOut] pairs, at least
 * @returns {Splits}
 */
export function splitDocuments(documents, heldOut = HELD_OUT) {
  const distinct = withoutRepetitions(documents)
  /** @type {Splits} */
  const splits = { valid: [], test: [], train: [] }
  for (const path of [...distinct.keys()].sort(byDigest)) {
    const part = splits.valid.length < heldOut.valid ? 'valid' : splits.test.length < heldOut.test ? 'test' : 'train'
    splits[part].push(...(distinct.get(path) ?? []))
  }
  const seen = new Set([...splits.valid, ...splits.test].map(([source]) => source.toLowerCase()))
  return { ...splits, train: splits.train.filter(([source]) => !seen.has(source.toLowerCase())) }
}

/** @param {ReadonlyMap<string, readonly Pair[]>} documents @returns {Map<string, Pair[]>} */
function withoutRepetitions(documents) {
  const seen = new Set()
  return new Map(
    [...documents.keys()].sort().map(path => {
      const fresh = (documents.get(path) ?? []).filter(pair => {
        const key = pair.join('\t')
        return !seen.has(key) && seen.add(key)
      })
      return [path, fresh]
    }),
  )
}

/** @param {string} a @param {string} b */
const byDigest = (a, b) => (sha256(a) < sha256(b) ? -1 : 1)
/** @param {string} text */
const sha256 = text => createHash('sha256').update(text).digest('hex')

/**
 * Reads and divides the help of two languages.
 * @param {string} root directory of all languages' help: `usr/share/libreoffice/help` of the packages
 * @param {{ source: string, target: string }} languages as their folders are called: `en-US`, `de`, `pt-BR`
 * @returns {Promise<Splits>}
 */
export async function makeCorpus(root, languages) {
  /** @param {string} language */
  const text = language => join(root, language, 'text')
  const [paths, others] = await Promise.all([pagesIn(text(languages.source)), pagesIn(text(languages.target))])
  const translated = new Set(others)
  /** @type {Map<string, Pair[]>} */
  const documents = new Map()
  for (const path of paths.filter(each => translated.has(each))) {
    const [source, target] = await Promise.all(
      [languages.source, languages.target].map(async each => textsOf(await readFile(join(text(each), path), 'utf8'))),
    )
    documents.set(
      path,
      alignTexts(source, target).filter(pair => isUsable(pair, languages)),
    )
  }
  return splitDocuments(documents)
}

/** The paths of all pages below a directory, `/` between folders. @param {string} directory */
async function pagesIn(directory) {
  const entries = await readdir(directory, { recursive: true })
  return entries.filter(path => path.endsWith('.html')).map(path => path.replaceAll('\\', '/'))
}
