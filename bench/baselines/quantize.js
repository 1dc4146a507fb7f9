/**
 * ONNX Runtime's dynamic quantisation to int8, as its own Python tool does it, of models that the engine exported:
 * every product with a constant matrix, also inside a loop, becomes one of int8. Weights: symmetric, a scale for each
 * column (of what is multiplied with: each output of a layer). Activations: uint8, one scale for the whole tensor, found
 * at each product while it runs. Embeddings are looked up, not multiplied, and stay float32.
 */
import { decodeModel, encodeModel } from '@espalier/engine/onnx'

/**
 * @typedef {import('@espalier/engine/onnx').GraphProto} Graph
 * @typedef {import('@espalier/engine/onnx').NodeProto} Node
 * @typedef {import('@espalier/engine/onnx').TensorProto} Tensor
 */

const [FLOAT, INT8] = [1, 3]
const PRODUCTS = ['MatMul', 'FusedMatMul', 'Gemm']

/**
 * @param {Uint8Array} model bytes of an ONNX model in float32
 * @returns {Uint8Array} bytes of the model in int8
 */
export function quantizeModel(model) {
  const graph = decodeModel(model)
  const weights = new Weights(graph)
  convert(graph, weights)
  return encodeModel({ ...graph, initializer: [...weights.stillUsed(graph), ...weights.quantized.values()] })
}

/** @param {Graph} graph @param {Weights} weights */
function convert(graph, weights) {
  graph.node = graph.node.flatMap(node => {
    for (const { g } of node.attribute) if (g) convert(g, weights)
    return quantizedProduct(node, weights) ?? [node]
  })
}

/**
 * The nodes that take a product's place; undefined if it is not one with a constant matrix on the right.
 * @param {Node} node @param {Weights} weights @returns {Node[] | undefined}
 */
function quantizedProduct(node, weights) {
  const [a, b, c] = node.input
  if (!PRODUCTS.includes(node.op_type) || !weights.isMatrix(b)) return undefined
  const flag = (/** @type {string} */ name) => node.attribute.find(attribute => attribute.name === name)?.i ?? 0
  if (flag('transA')) return undefined
  const { values, scales } = weights.quantize(b, flag('transB') === 1)
  const product = { op_type: 'DynamicQuantizeMatMul', domain: 'com.microsoft', attribute: [] }
  if (!c || weights.isVector(c))
    return [
      { ...product, name: `${node.name}/int8`, input: [a, values, scales, '', ...(c ? [c] : [])], output: node.output },
    ]
  const partial = `${node.output[0]}/product`
  return [
    { ...product, name: `${node.name}/int8`, input: [a, values, scales], output: [partial] },
    { op_type: 'Add', domain: '', attribute: [], name: `${node.name}/add`, input: [partial, c], output: node.output },
  ]
}

/** The constants of a model. */
class Weights {
  /** @type {Map<string, Tensor>} */
  #float
  /** New constants by name. @type {Map<string, Tensor>} */
  quantized = new Map()

  /** @param {Graph} graph */
  constructor(graph) {
    this.#float = new Map(graph.initializer.map(tensor => [tensor.name ?? '', tensor]))
  }

  /** @param {string} name */
  isMatrix(name) {
    return this.#has(name, 2)
  }
  /** @param {string} name */
  isVector(name) {
    return this.#has(name, 1)
  }
  /** @param {string} name @param {number} rank */
  #has(name, rank) {
    const tensor = this.#float.get(name)
    return tensor?.data_type === FLOAT && tensor.dims.length === rank
  }

  /**
   * The names of int8 [in, out] and its scales [out] for a matrix that is [out, in] if transposed, else [in, out].
   * @param {string} name @param {boolean} transposed
   */
  quantize(name, transposed) {
    const [values, scales] = [
      `${name}/int8${transposed ? '/transposed' : ''}`,
      `${name}/scales${transposed ? '/transposed' : ''}`,
    ]
    const found = this.#float.get(name)
    if (found && !this.quantized.has(values)) {
      const matrix = quantizeColumns(found, transposed)
      const bytes = (/** @type {Int8Array | Float32Array} */ array) => new Uint8Array(array.buffer)
      this.quantized.set(values, { name: values, data_type: INT8, dims: matrix.dims, raw_data: bytes(matrix.values) })
      this.quantized.set(scales, {
        name: scales,
        data_type: FLOAT,
        dims: [matrix.dims[1]],
        raw_data: bytes(matrix.scales),
      })
    }
    return { values, scales }
  }

  /** The constants in float32 that something still reads. @param {Graph} graph */
  stillUsed(graph) {
    const used = new Set()
    const visit = (/** @type {Graph} */ { node }) => {
      for (const { input, attribute } of node) {
        for (const name of input) used.add(name)
        for (const { g } of attribute) if (g) visit(g)
      }
    }
    visit(graph)
    return [...this.#float.values()].filter(({ name }) => used.has(name))
  }
}

/** @param {Tensor} tensor @param {boolean} transposed */
function quantizeColumns({ dims, raw_data }, transposed) {
  const float = new Float32Array(new Uint8Array(raw_data).buffer)
  const [outs, ins] = transposed ? dims : [dims[1], dims[0]]
  const [outStride, inStride] = transposed ? [ins, 1] : [1, outs]
  const values = new Int8Array(ins * outs)
  const scales = new Float32Array(outs)
  for (let o = 0; o < outs; o++) {
    let largest = 0
    for (let i = 0; i < ins; i++) largest = Math.max(largest, Math.abs(float[o * outStride + i * inStride]))
    scales[o] = largest === 0 ? 1 : largest / 127
    for (let i = 0; i < ins; i++) values[i * outs + o] = Math.round(float[o * outStride + i * inStride] / scales[o])
  }
  return { dims: [ins, outs], values, scales }
}
