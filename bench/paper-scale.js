// The paper's model, 216 M weights in its classes' shapes (random ones, 80 % of them pruned): how large it is packed, how
// long it takes from the file to the first translation, in how much memory, and how fast it then is. One thread.
//
//   npm run build && node bench/paper-scale.js [--keep DIRECTORY] [--sentences 16] [--words 20]
import { fork } from 'node:child_process'
import { createReadStream, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Random } from '@espalier/engine'
import { Translator } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { TEXT_SECTION, writePacked, writeTexts } from '@espalier/runtime/packed'
import { packTensor } from 'espalier/packing'

const V = 50_000
const network = {
  ...{ layers: 4, hidden: 1000, embedding: 1000, attention: /** @type {const} */ ('dot'), inputFeeding: false },
  ...{ bidirectional: false, reverseSource: true, sourceVocabulary: V, targetVocabulary: V },
}
const special = ['<pad>', '<unk>', '<s>', '</s>']
const tokens = Array.from({ length: V }, (_, id) => special[id] ?? `w${id}`)
const mebibytes = (/** @type {string} */ key) =>
  Number(/(\d+)/.exec(readFileSync('/proc/self/status', 'utf8').split(key)[1])?.[1]) / 1024

const { values: flags } = parseArgs({
  options: {
    keep: { type: 'string' },
    sentences: { type: 'string', default: '16' },
    words: { type: 'string', default: '20' },
    load: { type: 'string' },
  },
})
if (flags.load) await load(flags.load)
else await measure()

/** In a process of its own: from a file to translations. @param {string} file */
async function load(file) {
  const began = performance.now()
  const translator = await Translator.load(createReadStream(file, { highWaterMark: 1 << 20 }))
  const readySeconds = (performance.now() - began) / 1000
  const [sentences, words] = [Number(flags.sentences), Number(flags.words)]
  const random = new Random(1, 1)
  const text = Array.from({ length: sentences }, () =>
    Array.from({ length: words }, () => tokens[4 + random.integer(V - 4)]).join(' '),
  )
  const resident = { atRest: mebibytes('VmRSS:'), peak: mebibytes('VmHWM:') }
  /** @type {Record<string, number>} */
  const speeds = {}
  for (const [beam, batchSize] of [
    [1, 1],
    [5, 1],
    [5, 16],
  ]) {
    const some = batchSize === 1 ? text.slice(0, 4) : text
    const start = performance.now()
    const found = await translator.translate(some, { beam, batchSize, maxLength: () => words })
    const count = found.reduce((n, [best]) => n + best.tokens.length + 1, 0)
    speeds[`beam ${beam}, batch ${batchSize}`] = Number(((1000 * count) / (performance.now() - start)).toFixed(1))
  }
  process.send?.({ readySeconds, resident, speeds, peakAfter: mebibytes('VmHWM:') })
}

async function measure() {
  const directory = flags.keep ?? (await mkdtemp(join(tmpdir(), 'espalier-')))
  const texts = new Map([
    ['config.json', JSON.stringify({ format: 1, model: network })],
    ['tokenizer.json', JSON.stringify({ source: tokenizer(), target: tokenizer() })],
    ['source.vocabulary', `${tokens.join('\n')}\n`],
    ['target.vocabulary', `${tokens.join('\n')}\n`],
  ])
  const rows = []
  for (const [name, values, entries] of /** @type {const} */ ([
    ['f32', 'f32', undefined],
    ['f16', 'f16', undefined],
    ['int8', 'int8', undefined],
    ['codebook of 16', 'codebook', 16],
  ])) {
    const sections = [{ name: TEXT_SECTION, bytes: await writeTexts(texts) }]
    const entriesOf = []
    const began = performance.now()
    let stream = 0
    for (const { name: tensor, shape } of parameterSpecs(network)) {
      const { data, kept } = randomTensor(shape, stream++)
      const packed = packTensor(tensor, { shape, data }, kept, { values, entries })
      entriesOf.push(packed.entry)
      sections.push(...packed.sections)
    }
    const parts = writePacked({ generator: 'bench', tensors: entriesOf }, sections)
    const file = join(directory, `${values}.espalier`)
    await writeFile(file, parts)
    const kept = entriesOf.reduce((n, entry) => n + (entry.block ? entry.kept : 0), 0)
    const bytes = parts.reduce((n, part) => n + part.length, 0)
    const packSeconds = (performance.now() - began) / 1000
    const child = fork(fileURLToPath(import.meta.url), [
      ...['--load', file, '--sentences', flags.sentences, '--words', flags.words],
    ])
    const measured = await new Promise((resolve, reject) => {
      child.on('message', resolve)
      child.on('exit', status => reject(new Error(`loading ended with status ${status}`)))
    })
    rows.push({
      values: name,
      MB: Number((bytes / 1e6).toFixed(1)),
      'bytes a kept weight': Number((bytes / kept).toFixed(3)),
      'packing, s': Number(packSeconds.toFixed(1)),
      'file to ready, s': Number(measured.readySeconds.toFixed(2)),
      'MiB resident': Math.round(measured.resident.atRest),
      'MiB at most': Math.round(Math.max(measured.resident.peak, measured.peakAfter)),
      ...measured.speeds,
    })
  }
  console.table(rows)
  console.log(JSON.stringify(rows))
  if (!flags.keep) await rm(directory, { recursive: true })
}

function tokenizer() {
  return { kind: 'none', language: 'en', lowercase: false }
}

/**
 * Nearly normal weights; of a matrix, 80 % of them, the smallest, pruned.
 * @param {readonly number[]} shape @param {number} stream
 */
function randomTensor(shape, stream) {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
  let state = (stream + 1) * 0x9e3779b9
  for (let i = 0; i < data.length; i++) {
    let sum = 0
    for (let k = 0; k < 4; k++) {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
      sum += (Math.imul(state ^ (state >>> 13), 0x85ebca6b) >>> 0) / 2 ** 32
    }
    data[i] = (sum - 2) * 0.05
  }
  if (shape.length < 2) return { data, kept: undefined }
  const sample = data
    .slice(0, 1 << 20)
    .map(Math.abs)
    .sort()
  const threshold = sample[Math.floor(0.8 * sample.length)]
  const kept = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) {
    if (Math.abs(data[i]) >= threshold) kept[i] = 1
    else data[i] = 0
  }
  return { data, kept }
}
