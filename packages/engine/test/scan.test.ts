import { describe, expect, it } from 'vitest'
import { add, gradients, input, matmul, mul, scan, sigmoid, sum, type Tensor, tanh } from '../src/index.ts'
import { checkGradients } from './finite-differences.ts'
import { compile } from './support.ts'

const rnn = (reverse: boolean) => (x: Tensor, w: Tensor, u: Tensor, b: Tensor, h0: Tensor) => {
  const { carries, outputs } = scan(
    [h0],
    [x],
    ([h], [xt]) => {
      const next = tanh(add(add(matmul(xt, w, { b: true }), matmul(h, u, { b: true })), b))
      return { carries: [next], outputs: [next, mul(h, 2)] }
    },
    { reverse },
  )
  return [...carries, ...outputs]
}
const rnnOperands = [
  { shape: ['time', 'batch', 3], size: [4, 2, 3] },
  { shape: [5, 3] },
  { shape: [5, 5] },
  { shape: [5] },
  { shape: ['batch', 5], size: [2, 5] },
]

describe('scan', () => {
  it.each([false, true])('has the gradients of a recurrent network (reverse: %s)', reverse =>
    checkGradients(rnnOperands, rnn(reverse)),
  )

  it('adds up in the loop what no product after it can', () =>
    checkGradients([{ shape: [3, 2, 2] }, { shape: [2, 2] }, { shape: [2, 2] }], (x, s, h0) => {
      const { carries, outputs } = scan([h0], [x], ([h], [xt]) => {
        const next = tanh(mul(add(h, xt), s))
        return { carries: [next], outputs: [sigmoid(next)] }
      })
      return [...carries, ...outputs]
    }))

  it('computes products of outputs after the loop', () =>
    checkGradients([{ shape: [3, 2, 2] }, { shape: [2, 2] }, { shape: [4, 2] }], (x, h0, w) => {
      const { outputs } = scan([h0], [x], ([h], [xt]) => {
        const next = tanh(add(h, xt))
        return { carries: [next], outputs: [sigmoid(matmul(next, w, { b: true }))] }
      })
      return outputs
    }))

  it('gives a loss that falls along the gradient', async () => {
    const x = input('x', 'float64', [4, 2, 3])
    const w = input('w', 'float64', [5, 3])
    const u = input('u', 'float64', [5, 5])
    const b = input('b', 'float64', [5])
    const h0 = input('h0', 'float64', [2, 5])
    const loss = sum(rnn(false)(x, w, u, b, h0)[0])
    const [g] = gradients(loss, [w])
    const program = await compile({ outputs: { g: g! } })
    expect([...program.inputNames].sort()).toEqual(['b', 'h0', 'u', 'w', 'x'])
  })
})
