// What a training step (by default of the preset `small`) costs once weights are pruned: dense and masked on ONNX Runtime, sparse on
// WebAssembly, in turns in one process, on the same batches.
//
//   npm run build
//   npx espalier prepare --source train.en --target train.de --valid-source val.en --valid-target val.de \
//     --tokenizer none --min-count 2 --out data
//   node bench/sparse-training.js data [--rounds 7] [--batches 4] [--threads 2,1] [--systems dense,90]
//     [--preset small] [--against 'command that prints JSON'] [--no-memory] [--json]
//
// The other command's JSON has `words_per_second.median`; it is run between rounds, three times. A word is a target label,
// `</s>` included. `--json` prints one object; its `ratios` are the dense step's time ÷ the sparse step's on two threads.
// Batches have the lengths that those of an epoch have, from short to long, and the size that the preset has.
import { execFileSync, execSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { onnxBackend } from '@espalier/engine/onnx'
import { wasmBackend } from '@espalier/engine/wasm'
import { openPrepared } from 'espalier'
import { collate, epochBatches } from 'espalier/corpus'
import { initialParameters, networkConfig, parameterSpecs, weightClasses } from 'espalier/network'
import { Mask, prune } from 'espalier/pruning'
import { PRESETS, parseConfiguration, sparsePatterns, TrainingStep } from 'espalier/training'
import { median } from './turns.js'

/**
 * @typedef {object} System
 * @property {string} name
 * @property {'onnx' | 'wasm'} backend
 * @property {number} [fraction] of the weights that is pruned, class-blind; absent: nothing is
 * @property {string} [block] that is pruned as a whole
 *
 * @typedef {ReturnType<typeof collate>} Batch
 *
 * @typedef {object} OpenSystem
 * @property {(batch: Batch) => Promise<number>} run a step, in milliseconds
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Times of a system on a number of threads, in milliseconds, mean over the batches
 * @property {string} system
 * @property {number} threads
 * @property {number} median of the rounds
 * @property {number} best for each batch, of all rounds
 * @property {number[]} rounds
 *
 * @typedef {object} Parts of a step, in milliseconds
 * @property {number} products
 * @property {number} waiting of the thread that runs the program for others
 * @property {number} rest
 */

/** @type {readonly System[]} */
const SYSTEMS = [
  { name: 'dense', backend: 'onnx' },
  { name: 'masked-90', backend: 'onnx', fraction: 0.9 },
  { name: '80', backend: 'wasm', fraction: 0.8 },
  { name: '90', backend: 'wasm', fraction: 0.9 },
  { name: '95', backend: 'wasm', fraction: 0.95 },
  { name: 'blocks-80', backend: 'wasm', fraction: 0.8, block: '1x8' },
  { name: 'blocks-90', backend: 'wasm', fraction: 0.9, block: '1x8' },
]
/** Kernels that multiply matrices, and lay them out for it. */
const PRODUCTS = /^(multiply|pack|sparse)/u
/** Milliseconds after which threads that wait for work no longer take time from others. */
const PAUSE = 50

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    rounds: { type: 'string', default: '7' },
    batches: { type: 'string', default: '4' },
    threads: { type: 'string', default: '2,1' },
    preset: { type: 'string', default: 'small' },
    systems: { type: 'string' },
    against: { type: 'string' },
    memory: { type: 'boolean', default: true },
    json: { type: 'boolean', default: false },
    // What a child process does, whose peak memory is measured.
    alone: { type: 'string' },
  },
})
if (positionals.length !== 1) {
  console.error('usage: node bench/sparse-training.js DATA [options]; the file says which')
  process.exit(2)
}
const [data] = positionals
const corpus = await openPrepared(data)
const { model: options, training } = parseConfiguration(presetOf(values.preset), values.preset)
const { source, target } = corpus.vocabularies
const network = networkConfig(options, { source: source.size, target: target.size })
const asked = values.systems?.split(',')
const systems = SYSTEMS.filter(({ name }) => asked === undefined || asked.includes(name))
/** Notes go to standard error, so that `--json` prints nothing else. @param {string} line */
const note = line => console.error(line)

/** @param {string} name */
function presetOf(name) {
  const found = Object.entries(PRESETS).find(([key]) => key === name)
  if (!found) throw new RangeError(`there is no preset ${name}; there are ${Object.keys(PRESETS).join(', ')}`)
  return found[1]
}
/** @param {readonly number[]} numbers */
const mean = numbers => numbers.reduce((a, b) => a + b, 0) / numbers.length
/** @param {number} x */
const rounded = (x, digits = 1) => Number(x.toFixed(digits))

/** Batches of the preset's size, at even distances in the order of length. @param {number} count */
function chooseBatches(count) {
  const all = epochBatches(corpus.train, { batchSize: training.batchSize, seed: 1, epoch: 0 })
    .filter(batch => batch.length === training.batchSize)
    .map(batch => collate(corpus.train, batch, options.reverseSource))
    .sort((a, b) => a.sourceLength + a.targetLength - (b.sourceLength + b.targetLength))
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) / count) * all.length)])
}

/**
 * Compiles a step with parameters of its own.
 * @param {System} system @param {number} threads
 * @param {import('@espalier/engine/wasm').WasmOptions['onKernel']} [onKernel]
 * @returns {Promise<OpenSystem>}
 */
async function open({ backend: kind, fraction, block }, threads, onKernel) {
  const backend = kind === 'onnx' ? await onnxBackend({ threads }) : await wasmBackend({ threads, onKernel })
  const step = await TrainingStep.compile({ backend, network, training, ...pruned(kind, fraction, block) })
  let number = 0
  return {
    async run(batch) {
      const began = performance.now()
      await step.run([batch], { step: ++number, learningRate: 0.0001 })
      return performance.now() - began
    },
    async close() {
      await step.release()
      await backend.release()
    },
  }
}

/** @param {System['backend']} kind @param {number} [fraction] @param {string} [block] */
function pruned(kind, fraction, block) {
  const dense = initialParameters(network, 1)
  if (fraction === undefined) return { parameters: dense }
  const mask = prune(weightClasses(parameterSpecs(network), dense), { scheme: 'class-blind', fraction, block })
  const parameters = mask.apply(dense)
  if (kind === 'onnx') return { parameters, mask }
  const shapes = new Map([...parameters].map(([name, { shape }]) => [name, shape]))
  const patterns = sparsePatterns(mask, shapes)
  // Of parameters that the rule leaves whole the mask is held.
  const masked = new Mask(new Map([...mask.kept].filter(([name]) => !patterns.has(name))))
  return { parameters, mask: masked, patterns }
}

/**
 * @param {readonly Batch[]} batches @param {number} threads
 * @param {(round: number) => void} betweenRounds
 * @returns {Promise<Times[]>}
 */
async function measureInTurns(batches, threads, betweenRounds) {
  const opened = []
  for (const system of systems) opened.push(await open(system, threads))
  const times = systems.map(() => /** @type {number[][]} */ ([]))
  const rounds = Number(values.rounds)
  for (let round = -1; round < rounds; round++) {
    if (round >= 0) betweenRounds(round)
    const ofRound = systems.map(() => /** @type {number[]} */ ([]))
    for (const [b, batch] of batches.entries())
      for (let k = 0; k < systems.length; k++) {
        const s = (k + round + b + 1) % systems.length
        await setTimeout(PAUSE)
        ofRound[s].push(await opened[s].run(batch))
      }
    // The first round plans each batch's shapes and counts for nothing.
    if (round >= 0) for (const [s, list] of ofRound.entries()) times[s].push(list)
    note(`${threads} threads, round ${round + 1} of ${rounds}`)
  }
  for (const { close } of opened) await close()
  return systems.map(({ name }, s) => ({
    system: name,
    threads,
    median: rounded(median(times[s].map(mean))),
    best: rounded(mean(batches.map((_, b) => Math.min(...times[s].map(list => list[b]))))),
    rounds: times[s].map(list => rounded(mean(list))),
  }))
}

/** What a step spends its time on, as the backend tells. @param {System} system @param {readonly Batch[]} batches @param {number} threads */
async function measureParts(system, batches, threads) {
  let [products, waiting] = [0, 0]
  const opened = await open(system, threads, time => {
    waiting += time.waiting
    if (PRODUCTS.test(time.name)) products += time.milliseconds - time.waiting
  })
  /** @type {Parts[]} */
  const found = []
  for (let i = 0; i < 3 * batches.length; i++) {
    ;[products, waiting] = [0, 0]
    const total = await opened.run(batches[i % batches.length])
    if (i >= batches.length) found.push({ products, waiting, rest: total - products - waiting })
  }
  await opened.close()
  const part = (/** @type {keyof Parts} */ key) => rounded(mean(found.map(parts => parts[key])))
  return { system: system.name, threads, products: part('products'), waiting: part('waiting'), rest: part('rest') }
}

/** Peak memory of a process that does nothing but steps of one system, in GiB. @param {System} system @param {number} threads */
function measureMemory({ name }, threads) {
  const words = [fileURLToPath(import.meta.url), data, '--alone', name, '--threads', String(threads)]
  const same = ['--batches', values.batches, '--preset', values.preset]
  const printed = execFileSync(process.execPath, [...words, ...same], { encoding: 'utf8' })
  return { system: name, threads, peakGiB: Number(printed) }
}

/** @param {string} name @param {readonly Batch[]} batches */
async function runAlone(name, batches) {
  const system = SYSTEMS.find(each => each.name === name)
  if (!system) throw new RangeError(`there is no system ${name}`)
  const opened = await open(system, Number(values.threads))
  for (const batch of batches) await opened.run(batch)
  await opened.close()
  const kibibytes = Number(/VmHWM:\s+(\d+)/u.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  console.log((kibibytes / 2 ** 20).toFixed(3))
}

/** The dense step's time ÷ the sparse step's, round by round. @param {readonly Times[]} times @param {number} threads */
function denseRatios(times, threads) {
  const of = (/** @type {string} */ system) => times.find(t => t.system === system && t.threads === threads)
  const dense = of('dense')
  if (!dense) return {}
  return Object.fromEntries(
    systems.flatMap(({ name }) => {
      const sparse = of(name)
      if (!sparse || name === 'dense') return []
      return [[name, rounded(median(sparse.rounds.map((t, round) => dense.rounds[round] / t)), 3)]]
    }),
  )
}

/** One thread's time ÷ two threads', by system. @param {readonly Times[]} times */
function threadRatios(times) {
  const of = (/** @type {string} */ system, /** @type {number} */ threads) =>
    times.find(t => t.system === system && t.threads === threads)?.best
  return Object.fromEntries(
    systems.flatMap(({ name }) => {
      const [one, two] = [of(name, 1), of(name, 2)]
      return one && two ? [[name, rounded(one / two, 2)]] : []
    }),
  )
}

async function measure() {
  const batches = chooseBatches(Number(values.batches))
  const threadCounts = values.threads.split(',').map(Number)
  const words = mean(batches.map(batch => batch.words))
  /** @type {number[]} */
  const others = []
  const third = Math.max(1, Math.floor(Number(values.rounds) / 3))
  const otherTurn = (/** @type {number} */ round) => {
    if (values.against === undefined || round % third !== 0 || others.length === 3) return
    others.push(JSON.parse(execSync(values.against, { encoding: 'utf8' })).words_per_second.median)
  }
  /** @type {Times[]} */
  const times = []
  for (const threads of threadCounts)
    times.push(...(await measureInTurns(batches, threads, threads === threadCounts[0] ? otherTurn : () => {})))
  const parts = []
  for (const threads of threadCounts)
    for (const system of systems)
      if (system.backend === 'wasm') parts.push(await measureParts(system, batches, threads))
  const memory = values.memory ? systems.map(system => measureMemory(system, threadCounts[0])) : []
  const other = others.length === 0 ? undefined : median(others)
  const at = (/** @type {string} */ name) => times.find(t => t.system === name && t.threads === threadCounts[0])
  const best = at('90') && (1000 * words) / /** @type {Times} */ (at('90')).median
  return {
    node: process.version,
    processor: `${availableParallelism()} × ${cpus()[0].model}`,
    batches: batches.map(({ size, sourceLength, targetLength, words }) => ({
      size,
      sourceLength,
      targetLength,
      words,
    })),
    ratios: denseRatios(times, 2),
    ratiosOneThread: denseRatios(times, 1),
    threadRatios: threadRatios(times),
    times: times.map(t => ({ ...t, wordsPerSecond: Math.round((1000 * words) / t.median) })),
    parts,
    memory,
    ...(other && best && { against: { wordsPerSecond: others, ratio90: rounded(best / other, 2) } }),
  }
}

/** A table as Markdown has it. @param {readonly string[]} headings @param {readonly (readonly (string | number)[])[]} rows */
const markdown = (headings, rows) =>
  [headings, headings.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

/** @param {Awaited<ReturnType<typeof measure>>} results */
function print({ processor, node, batches, times, parts, memory, ratios, ratiosOneThread, threadRatios, against }) {
  const lengths = batches.map(b => `${b.sourceLength}-${b.targetLength}`).join(', ')
  console.log(`${processor}, Node ${node}; words of source and target: ${lengths}\n`)
  const headings = ['threads', 'step', 'median, ms', 'best, ms', 'words/s', '× dense', '1 thread ÷ 2']
  const rows = times.map(({ threads, system, median, best, wordsPerSecond }) => {
    const part = parts.find(p => p.system === system && p.threads === threads)
    const peak = memory.find(m => m.system === system && m.threads === threads)
    const ratio = { 1: ratiosOneThread, 2: ratios }[threads]?.[system] ?? ''
    const measured = [
      threads,
      system,
      median,
      best,
      wordsPerSecond,
      ratio,
      threads === 2 ? (threadRatios[system] ?? '') : '',
    ]
    return [...measured, part?.products ?? '', part?.rest ?? '', part?.waiting ?? '', peak?.peakGiB ?? '']
  })
  console.log(markdown([...headings, 'products, ms', 'rest, ms', 'waiting, ms', 'peak, GiB'], rows))
  if (against)
    console.log(`\nthe other program, words/s: ${against.wordsPerSecond}; at 90 % × that: ${against.ratio90}`)
}

if (values.alone === undefined) {
  const results = await measure()
  if (values.json) console.log(JSON.stringify(results))
  else print(results)
} else await runAlone(values.alone, chooseBatches(Number(values.batches)))
