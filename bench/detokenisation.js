// @ts-check
/**
 * Text to tokens to text: how many lines come back as they were, BLEU of what comes back against the text, how many tokens
 * carry a mark of the space around them, and what cutting costs.
 *
 *     node bench/detokenisation.js de train.de.gz [--spacing marked|conventional] [--runtime ../runtime/dist/index.js]
 *
 * `--runtime` measures another build's tokeniser.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bleu, readLines, scoreCorpus } from 'espalier'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { spacing: { type: 'string', default: 'marked' }, runtime: { type: 'string' } },
})
const [language, path] = positionals
if (path === undefined) throw new Error('name a language and a file')
const runtime = values.runtime === undefined ? '@espalier/runtime' : pathToFileURL(resolve(values.runtime)).href
/** @type {typeof import('@espalier/runtime')} */
const { createTokenizer } = await import(runtime)
const spacing = values.spacing === 'marked' ? 'marked' : 'conventional'
const tokenizer = createTokenizer({ kind: 'words', language, lowercase: false, spacing })
/** White space in a row, at the ends, or of other kinds is no part of a text. @param {string} line */
const tidy = line => line.replace(/[\p{Cc}\p{Z}\u200b\ufeff]+/gu, ' ').trim()

const lines = await readLines(path)
let began = performance.now()
/** @type {string[][]} */
const tokens = lines.map(line => tokenizer.tokenize(line))
const cutting = performance.now() - began
began = performance.now()
const back = tokens.map(line => tokenizer.detokenize(line))
const joining = performance.now() - began
const equal = lines.filter((line, i) => tidy(line) === tidy(back[i])).length
const all = tokens.flat()
const marked = all.filter(token => token.length > 1 && /^[￭␣⍽⎵]|[￭␣⍽⎵]$/u.test(token)).length
const types = new Set(all)
const { score } = scoreCorpus(bleu(), back, [lines])
console.log(
  `${path}: ${lines.length} lines, ${equal} (${((100 * equal) / lines.length).toFixed(2)} %) come back, BLEU ${score.toFixed(2)}; ` +
    `${all.length} tokens of ${types.size} kinds, ${marked} (${((100 * marked) / all.length).toFixed(3)} %) marked; ` +
    `cutting ${cutting.toFixed(0)} ms, joining ${joining.toFixed(0)} ms`,
)
