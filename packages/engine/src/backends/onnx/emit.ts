/** From expressions to an ONNX graph: names, scopes, loops; how each operator is written is in lowerings.ts. */
import { dependence, type LoopBody, loopBody } from '../../graph/loop/body.ts'
import { addOperator } from '../../graph/operators/elementwise.ts'
import { matmulOperator, type Transposed } from '../../graph/operators/product.ts'
import { type InputAttributes, inputAttributes, placeholderOperator } from '../../graph/operators/source.ts'
import type { DType, Node, Shape, SparseType, Tensor, TensorType } from '../../graph/tensor.ts'
import { arrayOf } from '../arrays.ts'
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from './format.ts'
import { type Emitter, lowering } from './lowerings.ts'
import { type Attributes, nodeProto, rawTensor, valueInfo } from './values.ts'

/** Masks of sparse inputs, by the input's name in the graph: 1 where the pattern has a number. */
export type Masks = ReadonlyMap<string, SparseType>

/** A program's graph, and the inputs it turned out to need, by name. */
export interface Emitted {
  readonly graph: GraphProto
  readonly inputs: ReadonlyMap<string, InputAttributes>
  readonly masks: Masks
}

/**
 * Writes the graph that computes the outputs.
 * @param outputs tensors by the names they shall have, which must not be names of inputs
 */
export function emit(outputs: ReadonlyMap<string, Tensor>): Emitted {
  const shared = new Shared(outputs)
  const scope = new Scope(shared, undefined, () => true)
  for (const [name, tensor] of outputs)
    scope.nodes.push(nodeProto('Identity', [scope.name(tensor)], [name], shared.fresh('Identity_')))
  const graph: GraphProto = {
    name: 'espalier',
    node: scope.nodes,
    initializer: shared.initializers,
    input: [...shared.inputs, ...shared.maskTypes].map(([name, type]) => valueInfo(name, type)),
    output: [...outputs].map(([name, tensor]) => valueInfo(name, tensor)),
    value_info: scope.values,
  }
  return { graph, inputs: shared.inputs, masks: shared.masks }
}

/** What all scopes of one graph share: names, constants, the program's inputs and how often each tensor is used. */
class Shared {
  readonly initializers: TensorProto[] = []
  readonly inputs = new Map<string, InputAttributes>()
  readonly uses = new Map<Tensor, number>()
  readonly masks = new Map<string, SparseType>()
  readonly maskTypes = new Map<string, TensorType>()
  readonly #constants = new Map<string, string>()
  /** For each named dimension, an input and an axis that have it. */
  readonly dimensions = new Map<string, { input: Tensor; axis: number }>()
  /** Names of inputs and outputs, which belong to the caller. */
  readonly #reserved: Set<string>
  #names = 0

  constructor(outputs: ReadonlyMap<string, Tensor>) {
    this.#reserved = new Set(outputs.keys())
    const seen = new Set<Node>()
    const visit = (x: Tensor) => {
      this.uses.set(x, (this.uses.get(x) ?? 0) + 1)
      if (seen.has(x.node)) return
      seen.add(x.node)
      x.node.inputs.forEach(visit)
      const body = loopBody(x.node)
      if (body) for (const inner of [...body.next, ...body.stacked]) visit(inner)
      const read = inputAttributes(x.node)
      if (!read) return
      this.#reserved.add(read.name)
      if (read.random) return
      x.shape.forEach((dim, axis) => {
        if (typeof dim === 'string' && !this.dimensions.has(dim)) this.dimensions.set(dim, { input: x, axis })
      })
    }
    for (const output of outputs.values()) visit(output)
  }

  /** A name that nothing has yet. */
  fresh(prefix: string): string {
    let name: string
    do name = `${prefix}${this.#names++}`
    while (this.#reserved.has(name))
    return name
  }

  constant(dtype: DType, values: readonly number[], dims: readonly number[]): string {
    const key = `${dtype}[${dims}](${values})`
    let name = this.#constants.get(key)
    if (!name) {
      name = this.fresh('constant_')
      this.#constants.set(key, name)
      this.initializers.push({ ...rawTensor(dtype, arrayOf(dtype, values), dims), name })
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
    attributes: Attributes = {},
    options: { outputs?: number; domain?: string } = {},
  ): string[] {
    const outputs = Array.from({ length: options.outputs ?? 1 }, () => this.shared.fresh('t'))
    this.nodes.push(nodeProto(op, inputs, outputs, this.shared.fresh(`${op}_`), attributes, options.domain))
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
    const read = inputAttributes(node)
    if (read) {
      this.shared.inputs.set(read.name, read)
      this.#names.set(x, read.name)
      return read.name
    }
    if (node.operator === placeholderOperator) throw new Error(`${x} is used outside its loop`)
    const body = loopBody(node)
    const names = body ? this.#loop(node, body) : (this.#fusedProduct(node) ?? this.#plain(node))
    node.outputs.forEach((output, i) => {
      this.#names.set(output, names[i])
      this.values.push(valueInfo(names[i], output))
    })
    return names[x.output]
  }

  #plain(node: Node): string[] {
    const names = node.inputs.map(x => this.name(x))
    const written = lowering(node.operator).write(this, names, node)
    const [output] = node.outputs
    // Sparse arrays are whole ones here: what an operator makes of their zeros is made zero again.
    return output.sparse
      ? this.add('Where', [this.#mask(output, output.sparse), ...written, this.constant(output.dtype, [0], [])])
      : written
  }

  #mask({ shape }: Tensor, sparse: SparseType): string {
    const name = `pattern/${sparse.pattern}`
    this.shared.masks.set(name, sparse)
    this.shared.maskTypes.set(name, { dtype: 'bool', shape })
    return name
  }

  /** c + a·b of matrices is one Gemm, where nothing else uses the product. */
  #fusedProduct(node: Node): string[] | undefined {
    if (node.operator !== addOperator || node.outputs[0].rank !== 2) return undefined
    const isProduct = (x: Tensor) =>
      x.node.operator === matmulOperator &&
      x.rank === 2 &&
      this.shared.uses.get(x) === 1 &&
      !this.#names.has(x) &&
      (!this.outer || this.owns(x))
    const [x, y] = node.inputs
    const [product, other] = isProduct(y) ? [y, x] : [x, y]
    if (!isProduct(product) || other.rank === 0) return undefined
    if (other.shape.some((dim, i) => dim !== node.outputs[0].shape[2 - other.rank + i])) return undefined
    const { a, b } = product.node.attributes as Transposed
    const [left, right] = product.node.inputs
    const inputs = [this.name(left), this.name(right), this.name(other)]
    return this.add('Gemm', inputs, { transA: Number(a), transB: Number(b) })
  }

  #loop(node: Node, body: LoopBody): string[] {
    const inner = new Scope(this.shared, this, dependence([...body.carries, ...body.slices]))
    const placeholders = [...body.carries, ...body.slices].map(x => {
      const name = this.shared.fresh('p')
      inner.bind(x, name)
      return valueInfo(name, x)
    })
    const taken = new Set(placeholders.map(({ name }) => name))
    const results = [...body.next, ...body.stacked].map(x => {
      // A subgraph's outputs must differ from its inputs, from each other, and from what is around it.
      let name = inner.name(x)
      if (taken.has(name) || !inner.owns(x)) [name] = inner.add('Identity', [name])
      taken.add(name)
      return valueInfo(name, x)
    })
    const graph: GraphProto = {
      name: this.shared.fresh('body_'),
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
        body: { graph },
        num_scan_inputs: body.slices.length,
        scan_input_directions: body.slices.map(() => direction),
        ...(body.stacked.length > 0 && { scan_output_directions: body.stacked.map(() => direction) }),
      },
      { outputs: results.length },
    )
  }
}
