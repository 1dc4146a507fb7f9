// One training step of the `paper` preset: 216 M weights, batch 128, sentences of 50 words; seconds and peak memory.
//   npm run build && node bench/paper-step.js [steps]

import { readFileSync } from 'node:fs'
import { initialParameters, networkConfig, openBackend, parameterSpecs } from 'espalier/network'
import { PRESETS, parseConfiguration, TrainingStep } from 'espalier/training'
import { randomBatch } from './random-batch.js'

const [B, T, V] = [128, 50, 50_000]
const { model: options, training } = parseConfiguration(PRESETS.paper, 'paper')
const model = networkConfig(options, { source: V, target: V })
const weights = parameterSpecs(model)
  .filter(({ weightClass }) => weightClass)
  .reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)
const parameters = initialParameters(model, 1)
const step = await TrainingStep.compile({ backend: await openBackend(), network: model, training, parameters })
const batch = randomBatch(B, T, V)
for (let i = 0; i < Number(process.argv[2] ?? 1); i++) {
  const began = performance.now()
  const { loss } = await step.run([batch], { step: i + 1, learningRate: 1 })
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 2 ** 20
  const seconds = (performance.now() - began) / 1000
  console.log(
    JSON.stringify({
      weights,
      step: i,
      seconds: Number(seconds.toFixed(1)),
      lossPerWord: loss / batch.words,
      peakGiB: Number(peak.toFixed(2)),
    }),
  )
}
