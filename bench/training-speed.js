// Training throughput on real text: this project against another program, in turns, and against the machine's own rate.
//
//   npm run build
//   npx espalier prepare --source train.en --target train.de --valid-source val.en --valid-target val.de \
//     --tokenizer none --min-count 2 --out data
//   node bench/training-speed.js data [--rounds 3] [--steps 40] [--against 'command that prints JSON']
//
// The other command's JSON has `words_per_second.median` and `gflops`. A word is a target label, `</s>` included.
import { execSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { input, matmul } from '@espalier/engine'
import { onnxBackend } from '@espalier/engine/onnx'
import { openPrepared } from 'espalier'
import { collate, epochBatches } from 'espalier/corpus'
import { initialParameters } from 'espalier/network'
import { parseConfiguration, TrainingStep } from 'espalier/training'
import { median } from './turns.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '40' },
    against: { type: 'string' },
  },
})
const [H, L, B] = [512, 2, 64]
const corpus = await openPrepared(positionals[0])
const [Vs, Vt] = [corpus.vocabularies.source.size, corpus.vocabularies.target.size]
const model = /** @type {const} */ ({
  type: 'lstm',
  layers: L,
  hidden: H,
  embedding: H,
  attention: 'general',
  inputFeeding: false,
  bidirectional: false,
  reverseSource: false,
  dropout: 0.2,
  initialisation: 0.1,
  sourceVocabulary: Vs,
  targetVocabulary: Vt,
})

/** GFLOP/s of ONNX Runtime's product of two 1024 × 1024 matrices. */
async function matmulRate() {
  const side = 1024
  const program = await (await onnxBackend()).compile({
    outputs: { c: matmul(input('a', 'float32', [side, side]), input('b', 'float32', [side, side])) },
  })
  const matrix = { data: new Float32Array(side * side).fill(0.5), shape: [side, side] }
  const times = []
  for (let i = 0; i < 30; i++) {
    const began = performance.now()
    await program.run({ a: matrix, b: matrix })
    times.push(performance.now() - began)
  }
  await program.release()
  return (2 * side ** 3) / median(times.slice(5)) / 1e6
}

/**
 * Multiply-adds of a step's products, padding included; three times as many with the gradients.
 * @param {number} S source length @param {number} T target length
 */
const multiplyAdds = (S, T) =>
  B * (S * L * 8 * H * H + T * L * 8 * H * H + S * H * H + 2 * T * S * H + T * 2 * H * H + T * H * Vt)

/** @param {number} steps to measure */
async function ours(steps) {
  // The defaults: plain SGD, clipped, no accumulation.
  const { training } = parseConfiguration({}, 'defaults')
  const parameters = initialParameters(model, 1)
  const trainingStep = await TrainingStep.compile({
    backend: await onnxBackend(),
    network: model,
    training,
    parameters,
  })
  const batches = epochBatches(corpus.train, { batchSize: B, seed: 1, epoch: 0 }).filter(batch => batch.length === B)
  const [rates, flops] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])]
  for (let step = 0; step < steps + 5; step++) {
    const began = performance.now()
    const batch = collate(corpus.train, batches[step], false)
    await trainingStep.run([batch], { step: step + 1, learningRate: 1 })
    const seconds = (performance.now() - began) / 1000
    if (step < 5) continue
    rates.push(batch.words / seconds)
    flops.push((6 * multiplyAdds(batch.sourceLength, batch.targetLength)) / seconds / 1e9)
  }
  await trainingStep.release()
  return { wordsPerSecond: median(rates), gflops: median(flops) }
}

for (let round = 0; round < Number(values.rounds); round++) {
  const rate = await matmulRate()
  const own = await ours(Number(values.steps))
  const after = await matmulRate()
  const machine = (rate + after) / 2
  const other = values.against ? JSON.parse(execSync(values.against, { encoding: 'utf8' })) : undefined
  console.log(
    JSON.stringify({
      round,
      wordsPerSecond: Math.round(own.wordsPerSecond),
      gflops: Math.round(own.gflops),
      matmulGflops: Math.round(machine),
      closeness: Number((own.gflops / machine).toFixed(3)),
      ...(other && {
        other: other.system,
        otherWordsPerSecond: other.words_per_second.median,
        ratio: Number((own.wordsPerSecond / other.words_per_second.median).toFixed(3)),
      }),
    }),
  )
}
