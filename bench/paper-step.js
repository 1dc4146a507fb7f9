// One training step of the `paper` preset: 216 M weights, batch 128, sentences of 50 words; seconds and peak memory.
//   npm run build && node bench/paper-step.js [steps]

import { readFileSync } from 'node:fs'
import { batchValues, initialParameters, networkConfig, parameterSpecs } from 'espalier/network'
import { compileTraining, PRESETS, parseConfiguration, stepState } from 'espalier/training'
import { randomBatch } from './random-batch.js'

const [B, T, V] = [128, 50, 50_000]
const { model: options, training } = parseConfiguration(PRESETS.paper, 'paper')
const model = networkConfig(options, { source: V, target: V })
const weights = parameterSpecs(model)
  .filter(({ weightClass }) => weightClass)
  .reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)
const step = { ...training, gather: undefined, masked: new Set(), accumulation: 1 }
const parameters = initialParameters(model, 1)
const { update } = await compileTraining(model, step)
for (const [name, value] of [...parameters, ...stepState(parameters, step)]) update.bind(name, value)
const batch = randomBatch(B, T, V)
const scalars = { scale: { data: Float32Array.of(1 / B), shape: [] }, rate: { data: Float32Array.of(1), shape: [] } }
for (let i = 0; i < Number(process.argv[2] ?? 1); i++) {
  const began = performance.now()
  const { negativeLogLikelihood } = await update.run({ ...batchValues(batch), ...scalars }, { seed: 1, step: i })
  const loss = Number(negativeLogLikelihood.data[0]) / batch.words
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 2 ** 20
  const seconds = (performance.now() - began) / 1000
  console.log(
    JSON.stringify({
      weights,
      step: i,
      seconds: Number(seconds.toFixed(1)),
      lossPerWord: loss,
      peakGiB: Number(peak.toFixed(2)),
    }),
  )
}
