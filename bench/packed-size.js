// What a packed model takes, class by class, against the least that coding by each class's density alone could take, and
// against general compressors on the dense pruned weights.
//
//   npm run build && node bench/packed-size.js MODEL… [--compressors]
//
// `--compressors`: gzip -9 and brotli -q 11 of the float32 weights as model.safetensors has them (minutes).
import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { constants, createBrotliCompress, createGzip } from 'node:zlib'
import { PackedReader } from '@espalier/runtime/packed'
import { readModel } from 'espalier/checkpoint'
import { parameterSpecs } from 'espalier/network'
import { describePacked, packModel } from 'espalier/packing'

const { values: flags, positionals: models } = parseArgs({
  options: { compressors: { type: 'boolean' } },
  allowPositionals: true,
})
if (models.length === 0) throw new Error('usage: node bench/packed-size.js MODEL… [--compressors]')

/** @type {{ name: string, values: 'f32' | 'f16' | 'int8' | 'codebook', entries?: number, bits: Record<string, number> }[]} */
const forms = [
  { name: 'f32', values: 'f32', bits: {} },
  { name: 'f16', values: 'f16', bits: {} },
  { name: 'int8', values: 'int8', bits: {} },
  { name: 'codebook 16', values: 'codebook', entries: 16, bits: { codebook: 4 } },
  { name: 'codebook 32', values: 'codebook', entries: 32, bits: { codebook: 5 } },
]
const report = []
for (const directory of models) {
  const model = await readModel(directory)
  /** @type {Record<string, Record<string, number>>} */
  const ratios = {}
  const totals = []
  for (const { name, values, entries, bits } of forms) {
    const parts = await packModel(model, { values, entries })
    const bytes = parts.reduce((n, part) => n + part.length, 0)
    const { header } = await PackedReader.open(Buffer.concat(parts))
    const { classes } = describePacked({ header, bytes, parameters: parameterSpecs(model.config.model) }, bits)
    const weights = classes.filter(c => c.name !== 'biases')
    const kept = weights.reduce((n, c) => n + c.kept, 0)
    const dense = 4 * weights.reduce((n, c) => n + c.weights, 0)
    for (const c of weights) {
      ratios[c.name] ??= { 'kept, %': Number(((100 * c.kept) / c.weights).toFixed(1)) }
      ratios[c.name][name] = Number(((c.positions + c.values) / c.bound).toFixed(4))
    }
    totals.push({
      values: name,
      bytes,
      'bytes a kept weight': Number((bytes / kept).toFixed(3)),
      '% of dense f32': Number(((100 * bytes) / dense).toFixed(2)),
    })
  }
  if (flags.compressors) {
    const file = join(directory, 'model.safetensors')
    const brotli = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
    for (const [name, coder] of /** @type {const} */ ([
      ['gzip -9', createGzip({ level: 9 })],
      ['brotli -q 11', brotli],
    ])) {
      const counter = new PassThrough()
      let bytes = 0
      counter.on('data', chunk => {
        bytes += chunk.length
      })
      await pipeline(createReadStream(file), coder, counter)
      /** @type {number} */
      const kept = totals[0].bytes / totals[0]['bytes a kept weight']
      totals.push({
        values: `${name} of dense f32`,
        bytes,
        'bytes a kept weight': Number((bytes / kept).toFixed(3)),
        '% of dense f32': Number(((100 * totals[0]['% of dense f32'] * bytes) / totals[0].bytes / 100).toFixed(2)),
      })
    }
  }
  console.log(`${basename(directory)}: bytes of each class ÷ (entropy of its density + bits of the values)`)
  console.table(ratios)
  console.log('the whole file')
  console.table(totals)
  report.push({ model: basename(directory), ratios, totals })
}
console.log(JSON.stringify(report))
