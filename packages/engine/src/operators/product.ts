/**
 * Products of matrices. The gradient of one matrix that meets many rows is a {@link contract}: whatever leading axes the
 * rows have, also those that a loop's steps add, are contracted in one product.
 */
import { ShapeError } from '../errors.ts'
import { apply1, type Dim, type Emitter, type Operator, sameShape, type Tensor } from '../tensor.ts'
import { mul, scaledRows } from './elementwise.ts'
import { squeeze } from './layout.ts'
import { sumTo } from './reduction.ts'

interface Transposed {
  /** The operand's last two axes are taken in exchanged order. */
  readonly a: boolean
  readonly b: boolean
}

const rows = (x: Tensor, transposed: boolean): Dim => x.shape.at(transposed ? -1 : -2)!
const columns = (x: Tensor, transposed: boolean): Dim => x.shape.at(transposed ? -2 : -1)!

const matmulOperator: Operator<Transposed> = {
  name: 'matmul',
  product: true,
  infer([a, b], transposed) {
    if (a.rank < 2 || b.rank < 2) throw new ShapeError(`matmul: ${a} and ${b}: matrices have two axes at least`)
    if (a.dtype !== b.dtype) throw new ShapeError(`matmul: ${a} and ${b} differ in type`)
    const inner = [columns(a, transposed.a), rows(b, transposed.b)]
    if (inner[0] !== inner[1])
      throw new ShapeError(`matmul: ${a} and ${b} do not fit: inner dimension ${inner[0]} against ${inner[1]}`)
    const lead = b.rank === 2 ? a.shape.slice(0, -2) : b.shape.slice(0, -2)
    if (b.rank > 2 && !sameShape(a.shape.slice(0, -2), lead))
      throw new ShapeError(`matmul: ${a} and ${b} differ in their leading dimensions`)
    return [{ dtype: a.dtype, shape: [...lead, rows(a, transposed.a), columns(b, transposed.b)] }]
  },
  emit: (emitter, [a, b], node) => emitProduct(emitter, a, b, node),
  gradient({ inputs: [a, b], attributes: t }, [g]) {
    const da = t.a ? matmul(b, g!, { a: t.b, b: true }) : matmul(g!, b, { b: !t.b })
    if (b.rank === 2 && !t.a) return [da, t.b ? contract(g!, a) : contract(a, g!)]
    if (b.rank === 2 && a.rank > 2)
      throw new ShapeError(`matmul: no gradient for a transposed ${a} against the single matrix ${b}`)
    return [da, t.b ? matmul(g!, a, { a: true, b: t.a }) : matmul(a, g!, { a: !t.a })]
  },
  lift(node, [a, b], [aLifted, bLifted]) {
    if (bLifted) return aLifted && b.rank > 2 ? [apply1(matmulOperator, [a, b], node.attributes)] : undefined
    return b.rank === 2 && !node.attributes.a ? [apply1(matmulOperator, [a, b], node.attributes)] : undefined
  },
}

function emitProduct(
  emitter: Emitter,
  a: string,
  b: string,
  { inputs, attributes }: { inputs: readonly Tensor[]; attributes: Transposed },
): string[] {
  if (!attributes.a && !attributes.b) return emitter.add('MatMul', [a, b])
  if (inputs[0].rank === 2 && inputs[1].rank === 2)
    return emitter.add('Gemm', [a, b], { transA: Number(attributes.a), transB: Number(attributes.b) })
  if (inputs[0].dtype === 'float32')
    return emitter.add(
      'FusedMatMul',
      [a, b],
      { transA: Number(attributes.a), transB: Number(attributes.b) },
      { domain: 'com.microsoft' },
    )
  const swapped = (name: string, x: Tensor, swap: boolean) =>
    swap ? emitter.add('Transpose', [name], { perm: [...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2] })[0] : name
  return emitter.add('MatMul', [swapped(a, inputs[0], attributes.a), swapped(b, inputs[1], attributes.b)])
}

/**
 * The product of matrices a […, M, K] and b […, K, N] → […, M, N], one for each of the leading dimensions, which are the
 * same; or a […, M, K] and one matrix b [K, N] for all of them.
 * @param transposed `a`: a is […, K, M]; `b`: b is […, N, K]
 */
export function matmul(a: Tensor, b: Tensor, transposed: Partial<Transposed> = {}): Tensor {
  return apply1(matmulOperator, [a, b], { a: transposed.a ?? false, b: transposed.b ?? false })
}

/** The name of x as one matrix of rows: all axes but the last made one. */
function flatten(emitter: Emitter, name: string, x: Tensor): string {
  if (x.rank === 2) return name
  return emitter.add('Reshape', [name, emitter.constant('int64', [-1, x.shape.at(-1) as number])])[0]
}

const contractOperator: Operator<null> = {
  name: 'contract',
  product: true,
  infer([x, y]) {
    if (x.rank < 2 || !sameShape(x.shape.slice(0, -1), y.shape.slice(0, -1)))
      throw new ShapeError(`contract: ${x} and ${y} differ in their leading dimensions`)
    return [{ dtype: x.dtype, shape: [x.shape.at(-1)!, y.shape.at(-1)!] }]
  },
  emit: (emitter, names, { inputs }) =>
    emitter.add(
      'Gemm',
      names.map((name, i) => flatten(emitter, name, inputs[i])),
      { transA: 1 },
    ),
  gradient: ({ inputs: [x, y] }, [g]) => [matmul(y, g!, { b: true }), matmul(x, g!)],
}
/** Σ over all leading axes of the outer product of rows: x […, M] and y […, N] → [M, N]. */
export function contract(x: Tensor, y: Tensor): Tensor {
  return apply1(contractOperator, [x, y], null)
}
/** Tells what {@link contract} made: its two operands, or undefined. */
export function contracted(x: Tensor): readonly Tensor[] | undefined {
  return x.node.operator === contractOperator ? x.node.inputs : undefined
}

const linearOperator: Operator<null> = {
  name: 'linear',
  product: true,
  infer([x, weight, bias]) {
    if (x.rank < 2 || weight.rank !== 2 || x.shape.at(-1) !== weight.shape[1])
      throw new ShapeError(`linear: ${x} does not fit the weight ${weight}`)
    if (bias.rank !== 1 || bias.shape[0] !== weight.shape[0])
      throw new ShapeError(`linear: the bias ${bias} does not fit the weight ${weight}`)
    return [{ dtype: x.dtype, shape: x.shape.with(-1, weight.shape[0]) }]
  },
  emit(emitter, [x, weight, bias], { inputs, outputs }) {
    const result = emitter.add('Gemm', [flatten(emitter, x, inputs[0]), weight, bias], { transB: 1 })
    return inputs[0].rank === 2 ? result : emitter.add('Reshape', [...result, emitter.shape(outputs[0].shape)])
  },
  gradient({ inputs: [x, weight, bias] }, [g]) {
    // A number for each row is multiplied with the narrower factor of each product, not with the wider g.
    const scaled = scaledRows(g!)
    if (!scaled) return [matmul(g!, weight), contract(g!, x), sumTo(g!, bias.shape)]
    const { rows, scale } = scaled
    return [mul(matmul(rows, weight), scale), contract(rows, mul(x, scale)), squeeze(contract(scale, rows), 0)]
  },
  lift: (node, inputs, [, weightLifted, biasLifted]) =>
    weightLifted || biasLifted ? undefined : [apply1(node.operator, inputs, null)],
}
/** x·weightᵀ + bias: x […, K], weight [N, K] and bias [N] give […, N]. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return apply1(linearOperator, [x, weight, bias], null)
}
