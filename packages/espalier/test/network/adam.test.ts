import { readFileSync } from 'node:fs'
import { wasmBackend } from '@espalier/engine/wasm'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { describe, expect, it } from 'vitest'
import { type NetworkConfig, networkSchema } from '../../src/configuration/network.ts'
import { collate } from '../../src/corpus/batches.ts'
import { PairStore } from '../../src/corpus/pair-store.ts'
import { openBackend } from '../../src/network/backend.ts'
import { batchValues } from '../../src/network/batch-inputs.ts'
import { patternOf, toKeptValues, toWholeArray } from '../../src/pruning/kept-values.ts'
import { adam } from '../../src/training/optimizers/adam.ts'
import { type FloatArray, SharedArrays } from '../../src/training/shared-arrays.ts'
import { compileStep, maskName, releaseStep, stepArrays } from '../../src/training/step-programs.ts'

interface AdamFixture {
  sources: number[][]
  targets: number[][]
  vocabulary: number
  limit: number
  adamRate: number
  adam: {
    options: Pick<NetworkConfig, 'layers' | 'hidden' | 'attention' | 'bidirectional' | 'inputFeeding' | 'reverseSource'>
    losses: number[]
    norms: number[]
    squares: Record<string, number>
  }[]
}
const fixture = JSON.parse(readFileSync(new URL('./pytorch/fixture.json', import.meta.url), 'utf8')) as AdamFixture

/** Relative agreement; both sides compute in float64. */
const TOLERANCE = 1e-9
const close = (found: number, expected: number, what: string) =>
  expect(Math.abs(found - expected), `${what}: ${found}, expected ${expected}`).toBeLessThan(TOLERANCE * expected)

/** The formulas by which reference.py fills parameters and masks. */
const initial = (index: number, size: number) =>
  Float64Array.from({ length: size }, (_, i) => 0.5 * Math.sin(1 + 0.7 * i + 13 * index))
const kept = (index: number, size: number) =>
  Float64Array.from({ length: size }, (_, i) => (Math.sin(2 + 1.3 * i + 7 * index) > 0.4 ? 0 : 1))

/** Masked weights as whole arrays with a mask, or as kept values alone. */
interface Way {
  readonly backend: 'onnx' | 'wasm'
  readonly sparse: boolean
}
const WAYS: readonly Way[] = [
  { backend: 'onnx', sparse: false },
  { backend: 'onnx', sparse: true },
  { backend: 'wasm', sparse: true },
]

/** A network of the fixture with its arrays, and its training step compiled. */
async function compileCase(options: AdamFixture['adam'][number]['options'], separate: boolean, way: Way) {
  const sizes = { sourceVocabulary: fixture.vocabulary, targetVocabulary: fixture.vocabulary }
  const model = { ...networkSchema.parse({ ...options, dropout: 0 }), embedding: options.hidden, ...sizes }
  const specs = parameterSpecs(model)
  const matrices = specs.filter(({ shape }) => shape.length > 1).map(({ name }) => name)
  const step = {
    optimizer: 'adam' as const,
    maxGradientNorm: fixture.limit,
    labelSmoothing: 0,
    masked: new Set(matrices),
    sparse: new Map(way.sparse ? matrices.map(name => [name, [1, 1] as const]) : []),
    accumulation: 2,
    separate,
    dtype: 'float64' as const,
  }
  const backend = way.backend === 'wasm' ? await wasmBackend() : await openBackend(1)
  const programs = await compileStep(backend, model, step)
  const arrays = new SharedArrays(
    backend,
    [programs.gradient, programs.update, programs.fused].filter(program => program !== undefined),
  )
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)
  const values = new Map<string, FloatArray<Float64Array>>()
  specs.forEach(({ name, shape }, index) => {
    const mask = kept(index, size(shape))
    const pruned = step.masked.has(name)
    if (pruned && !way.sparse) arrays.set(maskName(name), { shape, data: mask })
    const whole = { shape, data: initial(index, size(shape)).map((w, i) => (pruned ? w * mask[i] : w)) }
    const sparse = pruned && way.sparse
    values.set(name, sparse ? toKeptValues(whole, patternOf(Uint8Array.from(mask), shape, [1, 1])) : whole)
  })
  const zero = (name: string, parameter: string) => {
    const like = values.get(parameter)!
    arrays.set(name, { ...like, data: like.data.map(() => 0) })
  }
  for (const [name, value] of values) arrays.set(name, value)
  const { state, sums } = stepArrays(values, step)
  for (const [name, parameter] of state) zero(name, parameter)
  const clearSums = () => {
    for (const [name, parameter] of sums) zero(name, parameter)
  }
  return { model, specs, masked: step.masked, programs, arrays, clearSums }
}

describe('Adam agrees with PyTorch', () => {
  const cases = fixture.adam.flatMap(one =>
    WAYS.flatMap(way => [
      { ...one, ...way, separate: false },
      { ...one, ...way, separate: true },
    ]),
  )
  it.each(cases)(
    'ten steps, masked, accumulated, clipped; $backend, sparse: $sparse, update apart: $separate, $options',
    async ({ options, losses, norms, squares, separate, ...way }) => {
      const { model, specs, masked, programs, arrays, clearSums } = await compileCase(options, separate, way)
      try {
        const store = PairStore.of(fixture.sources.map((source, i) => ({ source, target: fixture.targets[i] })))
        const scalar = (value: number) => ({ data: Float64Array.of(value), shape: [] })
        const batches = [Int32Array.of(0, 1), Int32Array.of(2)].map(pairs => collate(store, pairs, model.reverseSource))
        for (let step = 1; step <= 11; step++) {
          clearSums()
          const scalars = { scale: scalar(1 / 3), rate: scalar(adam.effectiveRate(fixture.adamRate, step)) }
          const results = [await programs.gradient!.run(batchValues(batches[0]))]
          if (separate) {
            results.push(await programs.gradient!.run(batchValues(batches[1])))
            results.push(await programs.update!.run(scalars))
          } else results.push(await programs.fused!.run({ ...batchValues(batches[1]), ...scalars }))
          const loss = results.reduce((n, r) => n + ((r.negativeLogLikelihood?.data[0] as number | undefined) ?? 0), 0)
          close(loss, losses[step - 1], `loss after ${step - 1} steps`)
          close(results.at(-1)!.norm.data[0] as number, norms[step - 1], `gradient norm of step ${step}`)
        }
        for (const [index, { name }] of specs.entries()) {
          const { data } = toWholeArray(await arrays.read<Float64Array>(name))
          close(
            data.reduce((n, w) => n + w * w, 0),
            squares[name],
            `squares of ${name}`,
          )
          if (masked.has(name)) expect(data.every((w, i) => kept(index, data.length)[i] === 1 || w === 0)).toBe(true)
        }
      } finally {
        await releaseStep(programs)
        arrays.release()
      }
    },
  )
})
