import { readFileSync } from 'node:fs'
import { type ArrayValue, cast, gradients, input, type Tensor } from '@espalier/engine'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { describe, expect, it } from 'vitest'
import { type NetworkConfig, networkSchema } from '../../src/configuration/network.ts'
import { collate } from '../../src/corpus/batches.ts'
import { PairStore } from '../../src/corpus/pair-store.ts'
import { compile } from '../../src/network/backend.ts'
import { batchValues } from '../../src/network/batch-inputs.ts'
import { Network } from '../../src/network/network.ts'
import { sgd } from '../../src/training/optimizers/sgd.ts'
import { clip } from '../../src/training/step-programs.ts'

interface Fixture {
  sources: number[][]
  targets: number[][]
  vocabulary: number
  rate: number
  limit: number
  cases: {
    options: Pick<NetworkConfig, 'layers' | 'hidden' | 'attention' | 'bidirectional' | 'inputFeeding' | 'reverseSource'>
    gradients: Record<string, [squares: number, weighted: number]>
    losses: number[]
  }[]
}
const fixture = JSON.parse(readFileSync(new URL('./pytorch/fixture.json', import.meta.url), 'utf8')) as Fixture

/** Relative agreement; both sides compute in float64. */
const TOLERANCE = 1e-9
const close = (found: number, wanted: number, what: string) =>
  expect(Math.abs(found - wanted), `${what}: ${found}, wanted ${wanted}`).toBeLessThan(
    TOLERANCE * Math.abs(wanted) + 1e-15,
  )

describe('agreement with PyTorch', () => {
  it.each(fixture.cases)('loss, gradients, ten steps: $options', async ({ options, gradients: wanted, losses }) => {
    const sizes = { sourceVocabulary: fixture.vocabulary, targetVocabulary: fixture.vocabulary }
    const model = { ...networkSchema.parse({ ...options, dropout: 0.2 }), embedding: options.hidden, ...sizes }
    const network = new Network(model, { dtype: 'float64' })
    const targetInput = input('targetInput', 'int32', ['target', 'batch'])
    const labels = cast(input('labels', 'int32', ['target', 'batch']), 'int64')
    const { loss } = network.loss(input('source', 'int32', ['source', 'batch']), targetInput, labels)
    const names = [...network.parameters.keys()]
    const found = gradients(loss, [...network.parameters.values()]).map(g => g!)
    const { factor } = clip(found, input('scale', 'float64', []), fixture.limit)
    const rate = input('rate', 'float64', [])
    const updates: Record<string, Tensor> = {}
    names.forEach((name, i) => {
      const parameter = network.parameters.get(name)!
      const { next, state } = sgd.update({ name, parameter, gradient: found[i], factor, rate })
      Object.assign(updates, { [name]: next }, state)
    })
    const outputs = { loss, ...Object.fromEntries(found.map((g, i) => [`gradient ${names[i]}`, g])) }
    const program = await compile({ outputs, updates }, 1)
    parameterSpecs(model).forEach(({ name, shape }, index) => {
      const size = shape.reduce((a, b) => a * b, 1)
      const data = Float64Array.from({ length: size }, (_, i) => 0.5 * Math.sin(1 + 0.7 * i + 13 * index))
      program.bind(name, { data, shape })
    })
    const store = PairStore.of(fixture.sources.map((source, i) => ({ source, target: fixture.targets[i] })))
    const scalar = (value: number): ArrayValue => ({ data: Float64Array.of(value), shape: [] })
    const batch = collate(store, Int32Array.of(0, 1, 2), model.reverseSource)
    const values = { ...batchValues(batch), scale: scalar(1 / 3), rate: scalar(fixture.rate) }
    for (let step = 0; step <= 10; step++) {
      const results = await program.run(values)
      close(results.loss.data[0] as number, losses[step], `loss after ${step} steps`)
      if (step > 0) continue
      for (const name of names) {
        const data = results[`gradient ${name}`].data as Float64Array
        close(
          data.reduce((sum, g) => sum + g * g, 0),
          wanted[name][0],
          `squares of ${name}`,
        )
        close(
          data.reduce((sum, g, i) => sum + g * Math.cos(i), 0),
          wanted[name][1],
          `gradient of ${name}`,
        )
      }
    }
  })
})
