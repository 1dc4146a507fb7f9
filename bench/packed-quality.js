// What packing costs in quality: BLEU of a model as the engine runs it and as packed files, beam 5; and how many sentences
// the engine and the packed float32 model translate to the very same tokens, greedily.
//
//   npm run build && node bench/packed-quality.js MODEL --source test.en --reference test.de
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { Translator } from '@espalier/runtime'
import { openEngineTranslator, readModel } from 'espalier/checkpoint'
import { bleu, defaultScoreTokenizer, scoreCorpus } from 'espalier/evaluation'
import { packModel } from 'espalier/packing'

const { values: flags, positionals } = parseArgs({
  options: { source: { type: 'string' }, reference: { type: 'string' } },
  allowPositionals: true,
})
if (positionals.length !== 1 || !flags.source || !flags.reference)
  throw new Error('usage: node bench/packed-quality.js MODEL --source FILE --reference FILE')
const lines = async (/** @type {string} */ path) => (await readFile(path, 'utf8')).trimEnd().split('\n')
const [sources, references] = [await lines(flags.source), await lines(flags.reference)]
const model = await readModel(positionals[0])
const metric = bleu({ tokenizer: defaultScoreTokenizer(model.tokenizers) })

/**
 * The best translation of each source sentence.
 * @param {Pick<Translator, 'translate'>} translator @param {number} beam
 */
async function translations(translator, beam) {
  const found = await translator.translate(sources, { beam })
  return found.map(([best]) => best)
}
const score = (/** @type {{ text: string }[]} */ list) =>
  scoreCorpus(
    metric,
    list.map(({ text }) => text),
    [references],
  ).score

const engine = await openEngineTranslator(model)
const [greedy, wide] = [await translations(engine, 1), await translations(engine, 5)]
await engine.release()
const before = score(wide)
const rows = [{ values: 'the checkpoint', bytes: 0, BLEU: Number(before.toFixed(2)), difference: 0, same: '' }]
for (const [name, values, entries] of /** @type {const} */ ([
  ['f32', 'f32', undefined],
  ['f16', 'f16', undefined],
  ['int8', 'int8', undefined],
  ['codebook 16', 'codebook', 16],
  ['codebook 32', 'codebook', 32],
])) {
  const bytes = new Uint8Array(Buffer.concat(await packModel(model, { values, entries })))
  const packed = await Translator.load(bytes)
  const after = score(await translations(packed, 5))
  let same = ''
  if (values === 'f32') {
    const found = await translations(packed, 1)
    const equal = found.filter((best, i) => best.tokens.join(' ') === greedy[i].tokens.join(' ')).length
    same = `${equal} of ${sources.length}`
  }
  rows.push({
    values: name,
    bytes: bytes.length,
    BLEU: Number(after.toFixed(2)),
    difference: Number((after - before).toFixed(2)),
    same,
  })
}
console.table(rows)
console.log(JSON.stringify(rows))
