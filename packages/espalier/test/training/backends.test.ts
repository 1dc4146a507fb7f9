/** A training step is the same on every backend: gradients, clipping, dropout, Adam. */
import { wasmBackend } from '@espalier/engine/wasm'
import { describe, expect, it } from 'vitest'
import { initialParameters, networkConfig, openBackend } from '../../src/exports/network.ts'
import { TrainingStep } from '../../src/exports/training.ts'
import { toyConfiguration } from '../support.ts'

/** A batch of fixed words, the second sentence shorter than the others. */
function batch(size: number, length: number, vocabulary: number) {
  const ids = (seed: number) =>
    Int32Array.from({ length: size * length }, (_, i) => 4 + ((i * 7 + seed) % (vocabulary - 4)))
  const [source, targetInput, labels] = [ids(1), ids(2), ids(3)]
  source[1] = 0
  labels[(length - 1) * size + 1] = 0
  return { size, sourceLength: length, targetLength: length, source, targetInput, labels, words: size * length - 1 }
}

describe('WebAssembly and ONNX Runtime', () => {
  it.each([
    ['one direction', { bidirectional: false, attention: 'concat' as const }],
    ['both directions', { bidirectional: true, attention: 'general' as const }],
  ])('take the same steps with a network of %s', async (_name, changes) => {
    const { model, training } = toyConfiguration({
      model: { layers: 2, hidden: 12, dropout: 0.2, ...changes },
      training: { labelSmoothing: 0.1 },
    })
    const network = networkConfig(model, { source: 21, target: 23 })
    const results = await Promise.all(
      [await openBackend(1), await wasmBackend()].map(async backend => {
        const parameters = initialParameters(network, 1)
        const step = await TrainingStep.compile({ backend, network, training, parameters })
        const taken = []
        for (let i = 1; i <= 4; i++)
          taken.push(await step.run([batch(5, 3 + (i % 2), 21)], { step: i, learningRate: 0.01 }))
        return taken
      }),
    )
    const [expected, found] = results
    found.forEach(({ loss, gradientNorm }, i) => {
      expect(Math.abs(loss / expected[i].loss - 1)).toBeLessThan(1e-5)
      expect(Math.abs(gradientNorm / expected[i].gradientNorm - 1)).toBeLessThan(1e-4)
    })
  })
})
