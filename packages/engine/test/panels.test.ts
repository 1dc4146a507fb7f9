/** Recurrent networks with sparse weights: whether panels are filled by a batch or not, both backends agree. */
import { describe, expect, it } from 'vitest'
import {
  type ArrayValue,
  add,
  concat,
  dropoutMask,
  fill,
  gradients,
  input,
  linear,
  matmul,
  mul,
  Random,
  type SparsePattern,
  scan,
  sigmoid,
  sparseInput,
  split,
  sum,
  sumSquare,
  type Tensor,
  tanh,
  transpose,
} from '../src/index.ts'
import { expectClose } from './finite-differences.ts'
import { BACKENDS, backendNamed } from './support.ts'

const [TIME, UNITS, IN] = [3, 12, 8]
const SHAPES: Record<string, [number, number]> = {
  w: [4 * UNITS, IN],
  u: [4 * UNITS, UNITS],
  back: [UNITS, UNITS],
  out: [8, 2 * UNITS],
}

/** A layer of an LSTM with padding, and one of a plain network backwards; then both go through one more matrix. */
function program() {
  const parameter = (name: string) => sparseInput(name, 'float32', SHAPES[name], { pattern: name, block: [1, 4] })
  const [w, u, back, out] = Object.keys(SHAPES).map(parameter)
  const b = input('b', 'float32', [4 * UNITS])
  const mask = input('mask', 'float32', [TIME, 'batch', 1])
  const x = mul(input('x', 'float32', [TIME, 'batch', IN]), dropoutMask([TIME, 'batch', IN], 0.2, 3))
  const zero = fill(0, ['batch', UNITS], 'float32')
  const forward = scan([zero, zero], [x, mask], ([h, c], [xt, kept]) => {
    const [i, f, g, o] = split(add(matmul(h, u, { b: true }), linear(xt, w, b)), 1, [UNITS, UNITS, UNITS, UNITS])
    const cell = mul(add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g))), kept)
    const next = mul(sigmoid(o), tanh(cell))
    return { carries: [next, cell], outputs: [next] }
  })
  const backward = scan(
    [forward.carries[1]],
    [mul(forward.outputs[0], dropoutMask([TIME, 'batch', UNITS], 0.3, 4))],
    ([h], [xt]) => {
      const next = tanh(add(matmul(h, back, { b: true }), xt))
      return { carries: [next], outputs: [next] }
    },
    { reverse: true },
  )
  const both = concat([forward.outputs[0], backward.outputs[0]], 2)
  const y = sigmoid(matmul(both, out, { b: true }))
  const loss = add(sum(mul(y, tanh(y))), sumSquare(transpose(backward.outputs[0], [1, 0, 2])))
  const outputs: Record<string, Tensor> = { loss, y, last: forward.carries[0] }
  gradients(loss, [w, u, back, out, b, x]).forEach((g, i) => {
    if (g) outputs[`gradient ${i}`] = g
  })
  return outputs
}

function valuesOf(batch: number): Record<'bound' | 'given', Record<string, ArrayValue>> {
  const random = new Random(batch, 5)
  const uniform = (shape: number[], pattern?: SparsePattern) => {
    const data = new Float32Array(pattern ? pattern.columns.length * 4 : shape.reduce((a, b) => a * b, 1))
    random.fillUniform(data, -0.5, 0.5)
    return { data, shape, pattern }
  }
  const bound = Object.entries(SHAPES).map(([name, [rows, columns]]) => {
    const starts = [0]
    const places: number[] = []
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c += 4) if (random.uniform() < 0.4) places.push(c)
      starts.push(places.length)
    }
    const pattern = { block: [1, 4] as const, starts: Int32Array.from(starts), columns: Int32Array.from(places) }
    return [name, uniform([rows, columns], pattern)] as const
  })
  const padding = Float32Array.from({ length: TIME * batch }, (_, i) => Number(i >= batch || i % 3 !== 0))
  return {
    bound: { ...Object.fromEntries(bound), b: uniform([4 * UNITS]) },
    given: { x: uniform([TIME, batch, IN]), mask: { data: padding, shape: [TIME, batch, 1] } },
  }
}

describe('loops with sparse products', () => {
  it.each([1, 7, 16, 30, 32, 48])('agree on both backends for a batch of %i', async batch => {
    const { bound, given } = valuesOf(batch)
    const [expected, found] = await Promise.all(
      BACKENDS.map(async name => {
        await using compiled = await (await backendNamed(name)).compile({ outputs: program() })
        for (const [key, value] of Object.entries(bound)) compiled.bind(key, value)
        await compiled.run(given, { seed: 1, step: 1 })
        return compiled.run(given, { seed: 1, step: 2 })
      }),
    )
    expect(Object.keys(found)).toHaveLength(9)
    for (const name of Object.keys(expected)) expectClose(found[name], expected[name], name)
  })
})
