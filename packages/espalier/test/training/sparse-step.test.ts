/** Training steps of kept values alone are those of whole arrays with a mask, for every kind of network. */
import { Random } from '@espalier/engine'
import { wasmBackend } from '@espalier/engine/wasm'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { describe, expect, it } from 'vitest'
import type { NetworkConfig } from '../../src/configuration/network.ts'
import { networkConfig, openBackend } from '../../src/exports/network.ts'
import { patternOf, toKeptValues, toWholeArray } from '../../src/pruning/kept-values.ts'
import { type FloatArray, SharedArrays } from '../../src/training/shared-arrays.ts'
import { compileStep, maskName, releaseStep, stepArrays } from '../../src/training/step-programs.ts'
import { toyConfiguration } from '../support.ts'

const VOCABULARY = 16
const BLOCKS = [
  [1, 8],
  [4, 1],
  [1, 1],
] as const

/** Source words padded on the left, target words on the right. */
function batch() {
  const ids = (seed: number) => Int32Array.from({ length: 9 }, (_, i) => 4 + ((i * 7 + seed) % (VOCABULARY - 4)))
  const [source, targetInput, labels] = [ids(1), ids(2), ids(3)]
  source[1] = 0
  labels[7] = 0
  const shape = [3, 3]
  return {
    source: { data: source, shape },
    targetInput: { data: targetInput, shape },
    labels: { data: labels, shape },
    scale: { data: Float64Array.of(1 / 3), shape: [] },
    rate: { data: Float64Array.of(0.01), shape: [] },
  }
}

/** Weights in [-0.4, 0.4], and of every matrix a mask of blocks, their sizes in turns. */
function maskedWeights(model: NetworkConfig) {
  const random = new Random(3, 'weights')
  return parameterSpecs(model).map(({ name, shape }, i) => {
    const data = new Float64Array(shape.reduce((a, b) => a * b, 1))
    random.fillUniform(data, -0.4, 0.4)
    const block = BLOCKS[i % BLOCKS.length]
    if (shape.length < 2 || shape.some((size, axis) => size % block[axis] !== 0)) return { name, shape, data }
    const kept = new Uint8Array(data.length)
    const across = shape[1] / block[1]
    const chosen = Array.from({ length: (shape[0] / block[0]) * across }, () => random.uniform() < 0.3)
    for (let k = 0; k < kept.length; k++) {
      const [row, column] = [Math.floor(k / shape[1]), k % shape[1]]
      kept[k] = chosen[Math.floor(row / block[0]) * across + Math.floor(column / block[1])] ? 1 : 0
    }
    return { name, shape, data: data.map((w, k) => w * kept[k]), kept, block }
  })
}

/** All arrays after three updates of Adam, whole, and the losses. */
async function train(model: NetworkConfig, backendName: 'onnx' | 'wasm', sparse: boolean) {
  const weights = maskedWeights(model)
  const masked = weights.filter(({ kept }) => kept)
  const step = {
    optimizer: 'adam' as const,
    maxGradientNorm: 0.5,
    labelSmoothing: 0.1,
    masked: new Set(sparse ? [] : masked.map(({ name }) => name)),
    sparse: new Map(sparse ? masked.map(({ name, block }) => [name, block!]) : []),
    accumulation: 1,
    gather: 'taylor' as const,
    separate: true,
    dtype: 'float64' as const,
  }
  const backend = backendName === 'wasm' ? await wasmBackend() : await openBackend(1)
  const programs = await compileStep(backend, model, step)
  const arrays = new SharedArrays(backend, [programs.gradient!, programs.update!])
  const values = new Map<string, FloatArray<Float64Array>>()
  for (const { name, kept, block, ...whole } of weights) {
    values.set(name, sparse && kept ? toKeptValues(whole, patternOf(kept, whole.shape, block)) : whole)
    if (!sparse && kept) arrays.set(maskName(name), { shape: whole.shape, data: Float64Array.from(kept) })
  }
  for (const [name, value] of values) arrays.set(name, value)
  const zero = (name: string, parameter: string) => {
    const like = values.get(parameter)!
    arrays.set(name, { ...like, data: like.data.map(() => 0) })
  }
  const { state, sums } = stepArrays(values, step)
  for (const [name, parameter] of state) zero(name, parameter)
  const results: Record<string, Float64Array> = {}
  const { scale, rate, ...inputs } = batch()
  for (let i = 0; i < 3; i++) {
    for (const [name, parameter] of sums) zero(name, parameter)
    const { negativeLogLikelihood } = await programs.gradient!.run(inputs, { seed: 1, step: i })
    const { norm } = await programs.update!.run({ scale, rate })
    results[`step ${i}`] = Float64Array.of(negativeLogLikelihood.data[0] as number, norm.data[0] as number)
  }
  for (const name of [...values.keys(), ...state.keys(), ...sums.keys()])
    results[name] = toWholeArray(await arrays.read<Float64Array>(name)).data
  await releaseStep(programs)
  arrays.release()
  return results
}

describe('a step with sparse parameters', () => {
  it.each([
    { attention: 'none' },
    { attention: 'dot' },
    { attention: 'general', bidirectional: true, layers: 2 },
    { attention: 'concat' },
    { attention: 'dot', inputFeeding: true, layers: 2 },
    { attention: 'concat', inputFeeding: true, bidirectional: true },
    { attention: 'general', inputFeeding: true },
  ] as const)('has the gradients, moments, scores and weights of the masked one: %j', async changes => {
    const { model } = toyConfiguration({ model: { hidden: 8, dropout: 0.2, ...changes } })
    const network = networkConfig(model, { source: VOCABULARY, target: VOCABULARY })
    const [expected, ...others] = await Promise.all([
      train(network, 'onnx', false),
      train(network, 'onnx', true),
      train(network, 'wasm', true),
    ])
    for (const found of others)
      for (const [name, numbers] of Object.entries(expected)) {
        const difference = numbers.reduce((most, x, i) => Math.max(most, Math.abs(x - found[name][i])), 0)
        const size = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
        expect(difference, name).toBeLessThan(1e-9 * size + 1e-13)
      }
  })
})
