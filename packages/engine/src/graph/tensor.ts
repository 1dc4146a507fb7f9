/**
 * Symbolic arrays. A {@link Tensor} is one output of a {@link Node}; nodes are expressions that share their operands, and
 * equal expressions are one node (hash consing). Nodes do not change after they are made, with one exception: taking a
 * loop's gradient adds stacked outputs to the loop (loop/gradient.ts). There is no graph object: a program is whatever
 * can be reached from the tensors asked for.
 */
import { ShapeError } from '../errors.ts'

export type DType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool'

/** A dimension: a size known while tracing, or the name of one known only when the program runs (`batch`, `time`). */
export type Dim = number | string
export type Shape = readonly Dim[]

/**
 * A pattern that an array has numbers at, and zeros elsewhere: its name, by which arrays share it, and the size of its
 * blocks [rows, columns]. The places themselves come with the array that is bound.
 */
export interface SparseType {
  readonly pattern: string
  readonly block: readonly [rows: number, columns: number]
}

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
  /** Set where only the numbers at a pattern's places exist. */
  readonly sparse?: SparseType | undefined
}

/** An array that does not hold numbers yet: its type, and the node that will compute it. */
export class Tensor implements TensorType {
  constructor(
    readonly node: Node,
    readonly output: number,
    readonly dtype: DType,
    readonly shape: Shape,
    readonly sparse?: SparseType,
  ) {}

  get rank(): number {
    return this.shape.length
  }

  /** For messages: `float32[batch, 512]`. */
  toString(): string {
    return describe(this)
  }
}

const describe = ({ dtype, shape, sparse }: TensorType) =>
  `${sparse ? `sparse ${sparse.pattern} ` : ''}${dtype}[${shape.join(', ')}]`

/**
 * One operator: its name, its shape rule and its batching rule. Its gradient is in gradient-rules.ts, and each backend has
 * its own table of how it computes it.
 * `A` is the type of what configures it besides its operands (axes, a permutation).
 */
export interface Operator<A = unknown> {
  readonly name: string
  infer(inputs: readonly Tensor[], attributes: A): TensorType[]
  /**
   * The batching rule: the operator applied to operands that all have, or broadcast over, a new leading axis. So what a
   * loop's body computes at each step is computed for all steps at once. `batched[i]` tells which operands have the axis.
   * Returns undefined where this operator cannot express that; absent: it never can.
   */
  batch?(node: Node<A>, inputs: readonly Tensor[], batched: readonly boolean[]): Tensor[] | undefined
  /** True for products of matrices: worth moving out of a loop for their own sake. */
  readonly product?: boolean
  /** True where each number of the result depends on the numbers at its place alone, operands broadcast. */
  readonly elementwise?: boolean
  /** True where an operand may be sparse; elsewhere that is an error. */
  readonly takesSparse?: boolean
}

/** Cotangents by output or input; undefined stands for zero. */
export type Cotangents = readonly (Tensor | undefined)[]

/** Reverse-mode differentiation itself, given to rules that differentiate a body: see `vjp` in gradient.ts. */
export type Vjp = (outputs: readonly Tensor[], cotangents: Cotangents, inputs: readonly Tensor[]) => Cotangents

let created = 0
const interned = new Map<string, WeakRef<Node>>()
const forget = new FinalizationRegistry<string>(key => {
  if (interned.get(key)?.deref() === undefined) interned.delete(key)
})

export class Node<A = unknown> {
  readonly id = created++
  readonly outputs: Tensor[]

  constructor(
    readonly operator: Operator<A>,
    readonly inputs: readonly Tensor[],
    readonly attributes: A,
    types: readonly TensorType[],
  ) {
    this.outputs = types.map((type, i) => new Tensor(this as Node, i, type.dtype, type.shape, type.sparse))
  }
}

/** Applies an operator; an equal application made before is returned instead of a new one. */
export function apply<A>(operator: Operator<A>, inputs: readonly Tensor[], attributes: A): Tensor[] {
  const key = `${operator.name}(${inputs.map(t => `${t.node.id}.${t.output}`).join()})${JSON.stringify(attributes)}`
  const known = interned.get(key)?.deref()
  if (known) return known.outputs
  const sparse = operator.takesSparse ? undefined : inputs.find(x => x.sparse)
  if (sparse) throw new ShapeError(`${operator.name}: ${sparse} is sparse, which this operator does not take`)
  const node = new Node(operator, inputs, attributes, operator.infer(inputs, attributes))
  interned.set(key, new WeakRef(node as Node))
  forget.register(node, key)
  return node.outputs
}

/** Applies an operator with one output. */
export function applySingle<A>(operator: Operator<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return apply(operator, inputs, attributes)[0]
}

/** The shape two operands broadcast to (NumPy's rule; a named dimension equals itself or 1). */
export function broadcastShapes(operator: string, a: TensorType, b: TensorType): Dim[] {
  const rank = Math.max(a.shape.length, b.shape.length)
  const shape: Dim[] = []
  for (let i = 0; i < rank; i++) {
    const x = a.shape[i - rank + a.shape.length] ?? 1
    const y = b.shape[i - rank + b.shape.length] ?? 1
    if (x !== y && x !== 1 && y !== 1)
      throw new ShapeError(
        `${operator}: ${describe(a)} and ${describe(b)} do not broadcast: dimension ${x} against ${y}`,
      )
    shape.push(x === 1 ? y : x)
  }
  return shape
}

/** Whether two shapes are the same, dimension by dimension. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i])
}

/** The axis counted from the front; a negative one counts from the back. */
export function normalAxis(operator: string, x: Tensor, axis: number): number {
  const normal = axis < 0 ? axis + x.rank : axis
  if (normal < 0 || normal >= x.rank) throw new ShapeError(`${operator}: ${x} has no axis ${axis}`)
  return normal
}
