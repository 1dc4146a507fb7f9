// What holding a mask costs: a training step of the `small` preset, 80 % pruned, against the same step dense, in turns.
//   npm run build && node bench/masked-step.js [rounds]

import { batchValues, initialParameters, networkConfig, parameterSpecs, weightClasses } from 'espalier/network'
import { prune } from 'espalier/pruning'
import { compileTraining, maskName, PRESETS, parseConfiguration, stepState } from 'espalier/training'
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
  const parameters = masked ? mask.apply(dense) : dense
  const step = { ...training, gather: undefined, masked: new Set(masked ? mask.kept.keys() : []), accumulation: 1 }
  const { update } = await compileTraining(model, step)
  for (const [name, value] of [...parameters, ...stepState(parameters, step)]) update.bind(name, value)
  if (masked)
    for (const [name, bits] of mask.kept)
      update.bind(maskName(name), { data: Float32Array.from(bits), shape: parameters.get(name)?.shape ?? [] })
  return update
}

const batch = randomBatch(B, T, V)
const scalars = {
  scale: { data: Float32Array.of(1 / B), shape: [] },
  rate: { data: Float32Array.of(0.001), shape: [] },
}
const programs = { dense: await compileStep(false), masked: await compileStep(true) }
const order = /** @type {const} */ (['dense', 'masked'])
/** @type {Record<'dense' | 'masked', number[]>} */
const times = { dense: [], masked: [] }
for (let i = 0; i < rounds + 3; i++)
  for (const name of i % 2 ? order : [...order].reverse()) {
    const began = performance.now()
    await programs[name].run({ ...batchValues(batch), ...scalars }, { seed: 1, step: i })
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
