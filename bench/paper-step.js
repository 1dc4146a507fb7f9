// One training step of the `paper` preset: 216 M weights, batch 128, sentences of 50 words; seconds and peak memory.
//   npm run build && node bench/paper-step.js [steps] [--pruned 0.9] [--parts 1] [--threads 2]
// With `--pruned` the step is sparse, on WebAssembly; without, dense, on ONNX Runtime. The batch comes in as many parts as the
// preset's accumulation says, or `--parts`, whose gradients are summed for the one update.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { onnxBackend } from '@espalier/engine/onnx'
import { wasmBackend } from '@espalier/engine/wasm'
import { initialParameters, networkConfig, parameterSpecs, weightClasses } from 'espalier/network'
import { prune } from 'espalier/pruning'
import { PRESETS, parseConfiguration, sparsePatterns, TrainingStep } from 'espalier/training'
import { randomBatch } from './random-batch.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pruned: { type: 'string' },
    parts: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
})
const [B, T, V] = [128, 50, 50_000]
const { model: options, training: defaults } = parseConfiguration(PRESETS.paper, 'paper')
const threads = Number(values.threads)
const parts = Number(values.parts ?? defaults.accumulation)
const training = { ...defaults, accumulation: parts }
const network = networkConfig(options, { source: V, target: V })
const specs = parameterSpecs(network)
const weights = specs
  .filter(({ weightClass }) => weightClass)
  .reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)

/** Peak of this process's memory so far. */
const peakGiB = () => {
  const kibibytes = Number(/VmHWM:\s+(\d+)/u.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  return Number((kibibytes / 2 ** 20).toFixed(2))
}

const compileDense = async () =>
  TrainingStep.compile({
    backend: await onnxBackend({ threads }),
    network,
    training,
    parameters: initialParameters(network, 1),
  })

/** Whole weights and the mask are let go as soon as kept values are there. @param {number} fraction */
async function compileSparse(fraction) {
  const dense = initialParameters(network, 1)
  const mask = prune(weightClasses(specs, dense), { scheme: 'class-blind', fraction })
  const patterns = sparsePatterns(mask, new Map([...dense].map(([name, { shape }]) => [name, shape])))
  console.log(JSON.stringify({ pruned: fraction, peakGiBofPruning: peakGiB() }))
  return TrainingStep.compile({
    backend: await wasmBackend({ threads }),
    network,
    training,
    parameters: dense,
    patterns,
  })
}

const step = await (values.pruned === undefined ? compileDense() : compileSparse(Number(values.pruned)))
const batches = Array.from({ length: parts }, () => randomBatch(B / parts, T, V))
for (let i = 0; i < Number(positionals[0] ?? 1); i++) {
  const began = performance.now()
  const { loss, words } = await step.run(batches, { step: i + 1, learningRate: 1 })
  const seconds = (performance.now() - began) / 1000
  console.log(
    JSON.stringify({
      weights,
      step: i,
      seconds: Number(seconds.toFixed(1)),
      lossPerWord: loss / words,
      peakGiB: peakGiB(),
    }),
  )
}
