import { InferenceSession, Tensor as Value } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import {
  add,
  compile,
  dropoutMask,
  exportOnnx,
  InputError,
  input,
  linear,
  matmul,
  mul,
  scan,
  tanh,
} from '../src/index.ts'
import { decodeModel } from '../src/onnx.ts'

/** A recurrent layer of two inputs and three units, whose input h is called as its output is. */
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
  return { h: carries[0] }
}
const numbers = (...shape: number[]) => {
  const size = shape.reduce((a, b) => a * b, 1)
  return { shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i + size)) }
}
const weights = { w: numbers(3, 2), u: numbers(3, 3), b: numbers(3), unneeded: numbers(2) }
const values = { x: numbers(4, 5, 2), h: numbers(5, 3) }

describe('exportOnnx', () => {
  it('writes a file that gives the numbers of the program, its weights inside', async () => {
    const bytes = exportOnnx({ outputs: layer(), constants: Object.entries(weights) })
    const session = await InferenceSession.create(bytes)
    expect([...session.inputNames].sort()).toEqual(['h', 'x'])
    expect(session.outputNames).toEqual(['output/h'])
    const feeds = Object.fromEntries(
      Object.entries(values).map(([name, { data, shape }]) => [name, new Value('float32', data, shape)]),
    )
    const found = (await session.run(feeds))['output/h']
    const program = await compile({ outputs: layer() })
    const { unneeded: _, ...needed } = weights
    const { h } = await program.run({ ...values, ...needed })
    expect(found.data).toEqual(h.data)
    expect(found.dims).toEqual(h.shape)
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
    expect(() => exportOnnx({ outputs: { y: mul(x, dropoutMask([2], 0.5, 1)) } })).toThrow('without dropout')
  })
})
