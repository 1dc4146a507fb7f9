/** From expressions to an ONNX graph. */
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from './onnx.ts'
import { type InputAttributes, inputOperator, placeholderOperator } from './operators/source.ts'
import { dependence, scanOperator } from './scan.ts'
import type { AttributeValue, DType, Emitter, Node, Shape, Tensor } from './tensor.ts'

const ELEMENT_TYPE: Record<DType, number> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 }
const ATTRIBUTE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 }

/** A program's graph, and the inputs it turned out to need, by name. */
export interface Emitted {
  readonly graph: GraphProto
  readonly inputs: ReadonlyMap<string, InputAttributes>
}

/**
 * Writes the graph that computes the outputs.
 * @param outputs tensors by the names they shall have
 */
export function emit(outputs: ReadonlyMap<string, Tensor>): Emitted {
  const shared = new Shared([...outputs.values()])
  const scope = new Scope(shared, undefined, () => true)
  for (const [name, tensor] of outputs) {
    scope.nodes.push(nodeProto('Identity', [scope.name(tensor)], [name], shared.next()))
  }
  const graph: GraphProto = {
    name: 'espalier',
    node: scope.nodes,
    initializer: shared.initializers,
    input: [...shared.inputs].map(([name, { dtype, shape }]) => valueInfo(name, dtype, shape)),
    output: [...outputs].map(([name, { dtype, shape }]) => valueInfo(name, dtype, shape)),
    value_info: scope.values,
  }
  return { graph, inputs: shared.inputs }
}

/** What an output is called in a graph: it may be called as an input is, and there they need names of their own. */
export const outputName = (name: string) => `output/${name}`

function valueInfo(name: string, dtype: DType, shape: Shape): ValueInfoProto {
  const dim = shape.map(d => (typeof d === 'number' ? { dim_value: d } : { dim_param: d }))
  return { name, type: { tensor_type: { elem_type: ELEMENT_TYPE[dtype], shape: { dim } } } }
}

function rawTensor(dtype: DType, values: readonly number[], dims: readonly number[]): TensorProto {
  const array = {
    float32: () => Float32Array.from(values),
    float64: () => Float64Array.from(values),
    int32: () => Int32Array.from(values),
    int64: () => BigInt64Array.from(values, BigInt),
    bool: () => Uint8Array.from(values),
  }[dtype]()
  return rawValues(dtype, array, dims)
}

/** An array as the format has it: the very bytes, in the order of the processor, which is little-endian. */
export function rawValues(dtype: DType, array: ArrayBufferView, dims: readonly number[]): TensorProto {
  const raw_data = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  return { dims: [...dims], data_type: ELEMENT_TYPE[dtype], raw_data }
}

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return { name, type: ATTRIBUTE.int, i: value }
  if (typeof value === 'string') return { name, type: ATTRIBUTE.string, s: new TextEncoder().encode(value) }
  if (Array.isArray(value)) return { name, type: ATTRIBUTE.ints, ints: value }
  if ('float' in value) return { name, type: ATTRIBUTE.float, f: value.float as number }
  if ('dtype' in value) return { name, type: ATTRIBUTE.int, i: ELEMENT_TYPE[value.dtype as DType] }
  if ('tensor' in value) {
    const { dtype, value: number } = value.tensor as { dtype: DType; value: number }
    return { name, type: ATTRIBUTE.tensor, t: rawTensor(dtype, [number], [1]) }
  }
  return { name, type: ATTRIBUTE.graph, g: value as GraphProto }
}

function nodeProto(
  op: string,
  input: string[],
  output: string[],
  name: string,
  attributes: Record<string, AttributeValue> = {},
  domain = '',
): NodeProto {
  const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value))
  return { op_type: op, domain, name: `${op}_${name}`, input, output, attribute }
}

/** What all scopes of one graph share: names, constants, the program's inputs and how often each tensor is used. */
class Shared {
  readonly initializers: TensorProto[] = []
  readonly inputs = new Map<string, InputAttributes>()
  readonly uses = new Map<Tensor, number>()
  readonly #constants = new Map<string, string>()
  /** For each named dimension, an input and an axis that have it. */
  readonly dimensions = new Map<string, { input: Tensor; axis: number }>()
  #names = 0

  constructor(outputs: readonly Tensor[]) {
    const seen = new Set<Node>()
    const visit = (x: Tensor) => {
      this.uses.set(x, (this.uses.get(x) ?? 0) + 1)
      if (seen.has(x.node)) return
      seen.add(x.node)
      x.node.inputs.forEach(visit)
      if (x.node.operator === scanOperator) {
        const { next, stacked } = x.node.attributes as { next: Tensor[]; stacked: Tensor[] }
        for (const inner of [...next, ...stacked]) visit(inner)
      }
      if (x.node.operator === inputOperator && !(x.node.attributes as InputAttributes).random)
        x.shape.forEach((dim, axis) => {
          if (typeof dim === 'string' && !this.dimensions.has(dim)) this.dimensions.set(dim, { input: x, axis })
        })
    }
    outputs.forEach(visit)
  }

  next(): string {
    return String(this.#names++)
  }

  constant(dtype: DType, values: readonly number[], dims: readonly number[]): string {
    const key = `${dtype}[${dims}](${values})`
    let name = this.#constants.get(key)
    if (!name) {
      name = `constant_${this.next()}`
      this.#constants.set(key, name)
      this.initializers.push({ ...rawTensor(dtype, values, dims), name })
    }
    return name
  }
}

/** One graph or subgraph: it names the tensors that belong to it and leaves the others to the scope around it. */
class Scope implements Emitter {
  readonly nodes: NodeProto[] = []
  readonly values: ValueInfoProto[] = []
  readonly #names = new Map<Tensor, string>()
  readonly #dimensions = new Map<string, string>()

  constructor(
    readonly shared: Shared,
    readonly outer: Scope | undefined,
    readonly owns: (x: Tensor) => boolean,
  ) {}

  add(
    op: string,
    inputs: string[],
    attributes: Record<string, AttributeValue> = {},
    options: { outputs?: number; domain?: string } = {},
  ): string[] {
    const outputs = Array.from({ length: options.outputs ?? 1 }, () => `t${this.shared.next()}`)
    this.nodes.push(nodeProto(op, inputs, outputs, this.shared.next(), attributes, options.domain))
    return outputs
  }

  constant(dtype: DType, values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.shared.constant(dtype, values, dims)
  }

  shape(shape: Shape): string {
    if (shape.every(dim => typeof dim === 'number')) return this.constant('int64', shape as number[])
    const parts = shape.map(dim => (typeof dim === 'number' ? this.constant('int64', [dim]) : this.dimension(dim)))
    return parts.length === 1 ? parts[0] : this.add('Concat', parts, { axis: 0 })[0]
  }

  /** The name of an int64 vector of one number, the size of a named dimension; computed once, in the outermost scope. */
  dimension(dim: string): string {
    if (this.outer) return this.outer.dimension(dim)
    let name = this.#dimensions.get(dim)
    if (!name) {
      const place = this.shared.dimensions.get(dim)
      if (!place) throw new Error(`no input of the program has a dimension ${dim}`)
      name = this.add('Shape', [this.name(place.input)], { start: place.axis, end: place.axis + 1 })[0]
      this.#dimensions.set(dim, name)
    }
    return name
  }

  bind(x: Tensor, name: string): void {
    this.#names.set(x, name)
  }

  /** The name of a tensor, whose nodes are written first where they are not yet. */
  name(x: Tensor): string {
    if (this.outer && !this.owns(x)) return this.outer.name(x)
    const known = this.#names.get(x)
    if (known) return known
    const { node } = x
    if (node.operator === inputOperator) {
      const attributes = node.attributes as InputAttributes
      this.shared.inputs.set(attributes.name, attributes)
      this.#names.set(x, attributes.name)
      return attributes.name
    }
    if (node.operator === placeholderOperator) throw new Error(`${x} is used outside its loop`)
    const names = node.operator === scanOperator ? this.#loop(node) : (this.#fusedProduct(node) ?? this.#plain(node))
    node.outputs.forEach((output, i) => {
      this.#names.set(output, names[i])
      this.values.push(valueInfo(names[i], output.dtype, output.shape))
    })
    return names[x.output]
  }

  #plain(node: Node): string[] {
    return node.operator.emit(
      this,
      node.inputs.map(x => this.name(x)),
      node,
    )
  }

  /** c + a·b of matrices is one Gemm, where nothing else uses the product. */
  #fusedProduct(node: Node): string[] | undefined {
    if (node.operator.name !== 'add' || node.outputs[0].rank !== 2) return undefined
    const isProduct = (x: Tensor) =>
      x.node.operator.name === 'matmul' &&
      x.rank === 2 &&
      this.shared.uses.get(x) === 1 &&
      !this.#names.has(x) &&
      (!this.outer || this.owns(x))
    const [x, y] = node.inputs
    const [product, other] = isProduct(y) ? [y, x] : [x, y]
    if (!isProduct(product) || other.rank === 0) return undefined
    if (other.shape.some((dim, i) => dim !== node.outputs[0].shape[2 - other.rank + i])) return undefined
    const { a, b } = product.node.attributes as { a: boolean; b: boolean }
    const [left, right] = product.node.inputs
    const inputs = [this.name(left), this.name(right), this.name(other)]
    return this.add('Gemm', inputs, { transA: Number(a), transB: Number(b) })
  }

  #loop(node: Node): string[] {
    const body = node.attributes as {
      carries: Tensor[]
      slices: Tensor[]
      next: Tensor[]
      stacked: Tensor[]
      reverse: boolean
    }
    const inner = new Scope(this.shared, this, dependence([...body.carries, ...body.slices]))
    const placeholders = [...body.carries, ...body.slices].map(x => {
      const name = `p${this.shared.next()}`
      inner.bind(x, name)
      return valueInfo(name, x.dtype, x.shape)
    })
    const taken = new Set(placeholders.map(({ name }) => name))
    const results = [...body.next, ...body.stacked].map(x => {
      // A subgraph's outputs must differ from its inputs, from each other, and from what is around it.
      let name = inner.name(x)
      if (taken.has(name) || !inner.owns(x)) [name] = inner.add('Identity', [name])
      taken.add(name)
      return valueInfo(name, x.dtype, x.shape)
    })
    const graph: GraphProto = {
      name: `body_${this.shared.next()}`,
      node: inner.nodes,
      initializer: [],
      input: placeholders,
      output: results,
      value_info: inner.values.filter(({ name }) => !taken.has(name)),
    }
    const count = body.carries.length + body.slices.length
    const direction = body.reverse ? 1 : 0
    return this.add(
      'Scan',
      node.inputs.slice(0, count).map(x => this.name(x)),
      {
        body: graph,
        num_scan_inputs: body.slices.length,
        scan_input_directions: body.slices.map(() => direction),
        ...(body.stacked.length > 0 && { scan_output_directions: body.stacked.map(() => direction) }),
      },
      { outputs: results.length },
    )
  }
}
