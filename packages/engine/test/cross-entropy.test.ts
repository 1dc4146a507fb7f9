/** Cross-entropy over logits that a dense or a sparse matrix makes: rows in panels or not, the same on both backends. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ArrayValue,
  crossEntropy,
  gradients,
  input,
  linear,
  Random,
  type SparsePattern,
  sparseInput,
  sum,
  type Tensor,
} from '../src/index.ts'
import { expectClose } from './finite-differences.ts'
import { BACKENDS, backendNamed } from './support.ts'

const WIDTH = 8

/** A pattern of single weights, each kept with a chance of a third. */
function randomPattern(random: Random, rows: number): SparsePattern {
  const starts = [0]
  const columns: number[] = []
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < WIDTH; c++) if (random.uniform() < 1 / 3) columns.push(c)
    starts.push(columns.length)
  }
  return { block: [1, 1], starts: Int32Array.from(starts), columns: Int32Array.from(columns) }
}

const cases = fc.record({
  seed: fc.nat(),
  time: fc.integer({ min: 1, max: 3 }),
  batch: fc.integer({ min: 1, max: 40 }),
  words: fc.integer({ min: 1, max: 45 }),
  smoothing: fc.constantFrom(0, 0.1),
  sparse: fc.boolean(),
  scale: fc.constantFrom(0.1, 2),
})
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never

function program({ words, smoothing, sparse }: Case): Record<string, Tensor> {
  const w = sparse
    ? sparseInput('w', 'float32', [words, WIDTH], { pattern: 'w', block: [1, 1] })
    : input('w', 'float32', [words, WIDTH])
  const b = input('b', 'float32', [words])
  const x = input('x', 'float32', ['time', 'batch', WIDTH])
  const labels = input('labels', 'int64', ['time', 'batch'])
  const losses = crossEntropy(linear(x, w, b), labels, smoothing)
  const outputs: Record<string, Tensor> = { losses }
  gradients(sum(losses), [x, w, b]).forEach((g, i) => {
    if (g) outputs[`gradient ${i}`] = g
  })
  return outputs
}

function valuesOf({ seed, time, batch, words, sparse, scale }: Case): Record<string, ArrayValue> {
  const random = new Random(seed, 4)
  const uniform = (shape: number[], pattern?: SparsePattern) => {
    const data = new Float32Array(pattern ? pattern.columns.length : shape.reduce((a, b) => a * b, 1))
    random.fillUniform(data, -scale, scale)
    return { data, shape, pattern }
  }
  return {
    w: uniform([words, WIDTH], sparse ? randomPattern(random, words) : undefined),
    b: uniform([words]),
    x: uniform([time, batch, WIDTH]),
    labels: {
      data: BigInt64Array.from({ length: time * batch }, () => BigInt(random.integer(words))),
      shape: [time, batch],
    },
  }
}

describe('cross-entropy of logits', () => {
  it('has the same losses and gradients on both backends', () =>
    fc.assert(
      fc.asyncProperty(cases, async task => {
        const { labels, ...bound } = valuesOf(task)
        const [expected, found] = await Promise.all(
          BACKENDS.map(async name => {
            await using compiled = await (await backendNamed(name)).compile({ outputs: program(task) })
            for (const [key, value] of Object.entries(bound)) compiled.bind(key, value)
            return compiled.run({ labels })
          }),
        )
        expect(Object.keys(found)).toHaveLength(4)
        for (const name of Object.keys(expected)) expectClose(found[name], expected[name], name)
      }),
      { numRuns: 40, seed: 3 },
    ))
})
