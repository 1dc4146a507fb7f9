import { describe, expect, it } from 'vitest'
import { decodeModel, exportOnnx, type NodeProto } from '../src/backends/onnx/index.ts'
import {
  add,
  exp,
  fill,
  gradients,
  input,
  matmul,
  mul,
  Random,
  scan,
  sigmoid,
  sum,
  sumSquare,
  type Tensor,
  tanh,
} from '../src/index.ts'
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

  it('gives a loss that falls along the gradient, as fast as the gradient says', async () => {
    const shapes = { x: [4, 2, 3], w: [5, 3], u: [5, 5], b: [5], h0: [2, 5] }
    const names = Object.keys(shapes)
    const [x, w, u, b, h0] = Object.entries(shapes).map(([name, shape]) => input(name, 'float64', shape))
    const loss = sumSquare(rnn(false)(x, w, u, b, h0)[0])
    const outputs: Record<string, Tensor> = { loss }
    gradients(loss, [x, w, u, b, h0]).forEach((g, i) => {
      if (g) outputs[`d${names[i]}`] = g
    })
    await using program = await compile({ outputs })
    const random = new Random(1, 1)
    const point = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const data = new Float64Array(shape.reduce((p, q) => p * q, 1))
        random.fillUniform(data, -1, 1)
        return [name, { data, shape }]
      }),
    )
    const { loss: before, ...slopes } = await program.run(point)
    expect(Object.keys(slopes)).toEqual(names.map(name => `d${name}`))
    const rate = 1e-4
    let squares = 0
    for (const name of names)
      slopes[`d${name}`].data.forEach((g, k) => {
        squares += Number(g) ** 2
        point[name].data[k] -= rate * Number(g)
      })
    const fall = Number(before.data[0]) - Number((await program.run(point)).loss.data[0])
    expect(fall).toBeGreaterThan(0)
    expect(Math.abs(fall / (rate * squares) - 1)).toBeLessThan(0.01)
  })

  it('makes one loop of a loop within a loop, however many outputs it has', async () => {
    const x = input('x', 'float32', [3, 2])
    const scale = input('scale', 'float32', [3])
    const { outputs } = scan([fill(0, [2])], [scale], ([carry], [s]) => {
      const inner = scan([fill(0, [2])], [mul(x, exp(s))], ([h], [xt]) => {
        const next = tanh(add(add(h, xt), carry))
        return { carries: [next], outputs: [sigmoid(next), exp(next)] }
      })
      const [first, second] = inner.outputs
      return { carries: [add(inner.carries[0], add(sum(first, [0]), sum(second, [0])))], outputs: [sum(second, [0])] }
    })
    const graph = decodeModel(exportOnnx({ outputs: { y: outputs[0] } }))
    const loops = (nodes: NodeProto[]): number =>
      nodes.reduce((n, { op_type, attribute }) => {
        const inside = attribute.reduce((m, { g }) => m + (g ? loops(g.node) : 0), 0)
        return n + inside + Number(op_type === 'Scan')
      }, 0)
    expect(loops(graph.node)).toBe(2)
  })
})
