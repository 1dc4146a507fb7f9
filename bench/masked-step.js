// What holding a mask costs: a training step of the `small` preset, 80 % pruned, against the same step dense, in turns.
//   npm run build && node bench/masked-step.js [rounds]

import { initialParameters, networkConfig, openBackend, parameterSpecs, weightClasses } from 'espalier/network'
import { prune } from 'espalier/pruning'
import { PRESETS, parseConfiguration, TrainingStep } from 'espalier/training'
import { randomBatch } from './random-batch.js'
import { median } from './turns.js'

const rounds = Number(process.argv[2] ?? 40)
const [B, T, V] = [64, 14, 8000]
const { model: options, training } = parseConfiguration(PRESETS.small, 'small')
const model = networkConfig(options, { source: V, target: V })

/** A compiled step with parameters of its own. @param {boolean} masked */
async function compileStep(masked) {
  const dense = initialParameters(model, 1)
  const classes = weightClasses(parameterSpecs(model), dense)
  const mask = prune(classes, { scheme: 'class-blind', fraction: 0.8 })
  const run = { backend: await openBackend(), network: model, training: { ...training, accumulation: 1 } }
  return masked
    ? TrainingStep.compile({ ...run, parameters: mask.apply(dense), mask })
    : TrainingStep.compile({ ...run, parameters: dense })
}

const batch = randomBatch(B, T, V)
const programs = { dense: await compileStep(false), masked: await compileStep(true) }
const order = /** @type {const} */ (['dense', 'masked'])
/** @type {Record<'dense' | 'masked', number[]>} */
const times = { dense: [], masked: [] }
for (let i = 0; i < rounds + 3; i++)
  for (const name of i % 2 ? order : [...order].reverse()) {
    const began = performance.now()
    await programs[name].run([batch], { step: i + 1, learningRate: 0.001 })
    if (i >= 3) times[name].push(performance.now() - began)
  }
const ratios = times.masked.map((t, i) => t / times.dense[i])
console.log(
  JSON.stringify({
    denseMs: Number(median(times.dense).toFixed(1)),
    maskedMs: Number(median(times.masked).toFixed(1)),
    ratio: Number(median(ratios).toFixed(3)),
  }),
)
