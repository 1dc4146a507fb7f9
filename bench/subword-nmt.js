// @ts-check
/**
 * Compares byte-pair encoding with that of subword-nmt on its own test corpus: which merges are learnt, and how text is cut
 * by them.
 *
 *     git clone https://github.com/rsennrich/subword-nmt
 *     node bench/subword-nmt.js subword-nmt
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applyBpe, BpeCodes, learnBpe, parseBpeCodes } from '@espalier/runtime'

const directory = process.argv[2]
if (directory === undefined) throw new Error('name the directory of a checkout of subword-nmt')
/** @param {string} name */
const read = name => readFile(join(directory, 'subword_nmt/tests/data', name), 'utf8')
const [corpus, codes, segmented] = [await read('corpus.en'), await read('bpe.ref'), await read('corpus.bpe.ref.en')]
/** The lines as Python splits them: at spaces alone. @param {string} text */
const lines = text =>
  text
    .trimEnd()
    .split('\n')
    .map(line => line.split(' ').filter(word => word !== ''))

const expected = parseBpeCodes(codes)
/** @type {Map<string, number>} */
const counts = new Map()
for (const word of lines(corpus).flat()) counts.set(word, (counts.get(word) ?? 0) + 1)
const began = performance.now()
const learnt = learnBpe(counts, expected.length)
const milliseconds = performance.now() - began
const same = learnt.filter((merge, i) => merge === expected[i]).length
console.log(`merges that are the same at the same place: ${same} of ${expected.length} (${milliseconds.toFixed(0)} ms)`)

const merges = new BpeCodes(expected)
const reference = segmented.trimEnd().split('\n')
const cut = lines(corpus).map(words => words.flatMap(word => applyBpe(word, merges)).join(' '))
const equal = cut.filter((line, i) => line === lines(reference[i]).flat().join(' ')).length
console.log(`lines that are cut the same way: ${equal} of ${reference.length}`)
