import { InferenceSession, Tensor as Value } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { decodeModel, exportOnnx } from '../src/backends/onnx/index.ts'
import { add, dropoutMask, InputError, input, linear, matmul, mul, scan, tanh } from '../src/index.ts'
import { compile, numbers } from './support.ts'

/** A recurrent layer of two inputs and three units. */
function layer() {
  const [w, u, b] = [input('w', 'float32', [3, 2]), input('u', 'float32', [3, 3]), input('b', 'float32', [3])]
  const { carries } = scan(
    [input('h', 'float32', ['batch', 3])],
    [input('x', 'float32', ['time', 'batch', 2])],
    ([h], [x]) => ({
      carries: [tanh(add(matmul(h, u, { b: true }), linear(x, w, b)))],
      outputs: [],
    }),
  )
  return { last: carries[0] }
}
const weights = { w: numbers(3, 2), u: numbers(3, 3), b: numbers(3), unneeded: numbers(2) }
const values = { x: numbers(4, 5, 2), h: numbers(5, 3) }

describe('exportOnnx', () => {
  it('writes a file that gives the numbers of the program, its weights inside', async () => {
    const bytes = exportOnnx({ outputs: layer(), constants: Object.entries(weights) })
    const session = await InferenceSession.create(bytes)
    expect([...session.inputNames].sort()).toEqual(['h', 'x'])
    expect(session.outputNames).toEqual(['last'])
    const feeds = Object.fromEntries(
      Object.entries(values).map(([name, { data, shape }]) => [name, new Value('float32', data, shape)]),
    )
    const found = (await session.run(feeds)).last
    const program = await compile({ outputs: layer() })
    const { unneeded: _, ...needed } = weights
    const { last } = await program.run({ ...values, ...needed })
    expect(found.data).toEqual(last.data)
    expect(found.dims).toEqual(last.shape)
  })

  it('writes what can be read again, loops included', () => {
    const graph = decodeModel(exportOnnx({ outputs: layer(), constants: [['u', weights.u]] }))
    expect(graph.input.map(({ name }) => name).sort()).toEqual(['b', 'h', 'w', 'x'])
    const u = graph.initializer.find(({ name }) => name === 'u')!
    expect(u.dims).toEqual([3, 3])
    expect(new Float32Array(new Uint8Array(u.raw_data).buffer)).toEqual(weights.u.data)
    const loop = graph.node.find(node => node.op_type === 'Scan')!
    const body = loop.attribute.find(({ name }) => name === 'body')!.g!
    expect(body.node.map(node => node.op_type)).toContain('Gemm')
  })

  it('refuses what no file can do', () => {
    expect(() => exportOnnx({ outputs: layer(), constants: [['u', numbers(3, 2)]] })).toThrow(InputError)
    const x = input('x', 'float32', [2])
    expect(() => exportOnnx({ outputs: { x: mul(x, 2) } })).toThrow('x is an input and an output')
    expect(() => exportOnnx({ outputs: { y: mul(x, dropoutMask([2], 0.5, 1)) } })).toThrow('without dropout')
  })
})
