/**
 * The gradient of every operator, as one table: vector-Jacobian products, from the cotangents of a node's outputs to those
 * of its inputs. An operator that is not in the table carries no gradient. Each rule is checked against finite differences
 * in float64 (test/operators.test.ts).
 */
import { ShapeError } from '../errors.ts'
import { scanOperator } from './loop/body.ts'
import { scanGradient } from './loop/gradient.ts'
import {
  absOperator,
  add,
  addOperator,
  cast,
  castOperator,
  div,
  divOperator,
  exp,
  expOperator,
  greater,
  less,
  logOperator,
  maximumOperator,
  minimumOperator,
  mul,
  mulOperator,
  neg,
  negOperator,
  sigmoidOperator,
  sign,
  sqrtOperator,
  sub,
  subOperator,
  tanhOperator,
  where,
  whereOperator,
} from './operators/elementwise.ts'
import {
  crossEntropySlopeOperator,
  gather,
  gatherOperator,
  logSoftmaxPassthroughOperator,
  nllFromLogSoftmaxOperator,
  scatterAdd,
  scatterAddLast,
  scatterAddLastOperator,
  scatterAddOperator,
  takeAlongLast,
  takeAlongLastOperator,
} from './operators/indexing.ts'
import {
  concat,
  concatOperator,
  expand,
  expandOperator,
  flatten,
  flattenOperator,
  split,
  splitOperator,
  squeeze,
  squeezeOperator,
  transpose,
  transposeOperator,
  unflatten,
  unflattenOperator,
  unsqueeze,
  unsqueezeOperator,
} from './operators/layout.ts'
import { linearOperator, matmul, matmulOperator, outerSum, outerSumOperator } from './operators/product.ts'
import {
  logSoftmaxOperator,
  softmaxOperator,
  sum,
  sumOperator,
  sumSquareOperator,
  sumTo,
} from './operators/reduction.ts'
import { constant, fill } from './operators/source.ts'
import { applySingle, type Cotangents, type Node, type Operator, sameShape, type Tensor, type Vjp } from './tensor.ts'

interface GradientRule<A = unknown> {
  readonly operator: Operator<A>
  /** Cotangents of the inputs from those of the outputs, of which one at least is defined. */
  apply(node: Node<A>, cotangents: Cotangents, vjp: Vjp): Cotangents
}

/** The rule of an operator with one output. */
function rule<A>(operator: Operator<A>, gradient: (g: Tensor, node: Node<A>) => Cotangents): GradientRule<A> {
  // One output at least has a cotangent, and there is one.
  return { operator, apply: (node, [g]) => gradient(g!, node) }
}

/** y = f(x), number by number. */
function unary(operator: Operator<null>, gradient: (g: Tensor, x: Tensor, y: Tensor) => Tensor): GradientRule<null> {
  return rule(operator, (g, { inputs: [x], outputs: [y] }) => [gradient(g, x, y)])
}

/** y = f(a, b), number by number; what was broadcast is summed. */
function binary(
  operator: Operator<null>,
  gradient: (g: Tensor, a: Tensor, b: Tensor) => [da: Tensor, db: Tensor],
): GradientRule<null> {
  return rule(operator, (g, { inputs: [a, b] }) => {
    const [da, db] = gradient(g, a, b)
    return [sumTo(da, a.shape), sumTo(db, b.shape)]
  })
}

/** The gradient goes to a where the condition holds, otherwise to b. */
function chosen(g: Tensor, condition: Tensor): [da: Tensor, db: Tensor] {
  const first = cast(condition, g.dtype)
  return [mul(g, first), mul(g, sub(1, first))]
}

const elementwise = [
  binary(addOperator, g => [g, g]),
  binary(subOperator, g => [g, neg(g)]),
  binary(mulOperator, (g, a, b) => [mul(g, b), mul(g, a)]),
  binary(divOperator, (g, a, b) => [div(g, b), neg(div(mul(g, a), mul(b, b)))]),
  binary(maximumOperator, (g, a, b) => chosen(g, greater(a, b))),
  binary(minimumOperator, (g, a, b) => chosen(g, less(a, b))),
  unary(negOperator, g => neg(g)),
  unary(expOperator, (g, _x, y) => mul(g, y)),
  unary(logOperator, (g, x) => div(g, x)),
  unary(sqrtOperator, (g, _x, y) => div(mul(g, 0.5), y)),
  unary(tanhOperator, (g, _x, y) => mul(g, sub(1, mul(y, y)))),
  unary(absOperator, (g, x) => mul(g, sign(x))),
  unary(sigmoidOperator, (g, _x, y) => mul(g, mul(y, sub(1, y)))),
  rule(castOperator, (g, { inputs: [x] }) => [x.dtype.startsWith('float') ? cast(g, x.dtype) : undefined]),
  rule(whereOperator, (g, { inputs: [condition, a, b] }) => {
    const zero = constant(0, a.dtype)
    return [undefined, sumTo(where(condition, g, zero), a.shape), sumTo(where(condition, zero, g), b.shape)]
  }),
]

const reductions = [
  rule(sumOperator, (g, { inputs: [x], attributes: { axes, keep } }) => [
    x.sparse
      ? mul(add(mul(x, 0), 1), g)
      : expand(keep ? g : axes.reduce((spread, axis) => unsqueeze(spread, axis), g), x.shape),
  ]),
  rule(sumSquareOperator, (g, { inputs: [x] }) => [mul(mul(x, 2), g)]),
  rule(softmaxOperator, (g, { outputs: [y] }) => [mul(y, sub(g, sum(mul(g, y), [-1], true)))]),
  rule(logSoftmaxOperator, (g, { outputs: [y] }) => [sub(g, mul(exp(y), sum(g, [-1], true)))]),
]

const layout = [
  rule(transposeOperator, (g, { attributes: { order } }) => [
    transpose(
      g,
      order.map((_, i) => order.indexOf(i)),
    ),
  ]),
  rule(unsqueezeOperator, (g, { attributes: { axis } }) => [squeeze(g, axis)]),
  rule(squeezeOperator, (g, { attributes: { axis } }) => [unsqueeze(g, axis)]),
  rule(expandOperator, (g, { inputs: [x] }) => [sumTo(g, x.shape)]),
  {
    operator: splitOperator,
    apply: ({ outputs, attributes: { axis } }: Node<{ axis: number }>, cotangents: Cotangents) => [
      concat(
        outputs.map((part, i) => cotangents[i] ?? fill(0, part.shape, part.dtype)),
        axis,
      ),
    ],
  },
  rule(concatOperator, (g, { inputs, attributes: { axis } }) =>
    split(
      g,
      axis,
      // Concatenation knows the sizes along its axis: its shape rule asks for them.
      inputs.map(x => x.shape[axis] as number),
    ),
  ),
  // The dimensions have names: flatten and unflatten are given them.
  rule(unflattenOperator, (g, { inputs: [x], attributes: { axis } }) => [flatten(g, axis, x.shape[axis] as string)]),
  rule(flattenOperator, (g, { inputs: [x], attributes: { axis } }) => [
    unflatten(g, axis, x.shape[axis] as string, x.shape[axis + 1] as string),
  ]),
]

const products = [
  rule(matmulOperator, (g, { inputs: [a, b], attributes: t }) => {
    const da = t.a ? matmul(b, g, { a: t.b, b: true }) : matmul(g, b, { b: !t.b })
    if (b.rank === 2 && !t.a) return [da, t.b ? outerSum(g, a, b.sparse) : outerSum(a, g, b.sparse)]
    if (b.rank === 2 && a.rank > 2)
      throw new ShapeError(`matmul: no gradient for a transposed ${a} against the single matrix ${b}`)
    return [da, t.b ? matmul(g, a, { a: true, b: t.a }) : matmul(a, g, { a: !t.a })]
  }),
  rule(outerSumOperator, (g, { inputs: [x, y] }) => [matmul(y, g, { b: true }), matmul(x, g)]),
  rule(linearOperator, (g, { inputs: [x, weight, bias] }) => {
    // A number for each row is multiplied with the narrower factor of each product, not with the wider g.
    const scaled = scaledRows(g)
    if (!scaled) return [matmul(g, weight), outerSum(g, x, weight.sparse), sumTo(g, bias.shape)]
    const { rows, scale } = scaled
    return [
      mul(matmul(rows, weight), scale),
      outerSum(rows, mul(x, scale), weight.sparse),
      squeeze(outerSum(scale, rows), 0),
    ]
  }),
]

/** The factors of a product of rows […, N] and one number for each row […, 1]; undefined for anything else. */
function scaledRows(x: Tensor): { rows: Tensor; scale: Tensor } | undefined {
  if (x.node.operator !== mulOperator) return undefined
  const [rows, scale] = x.node.inputs
  const fits = rows.rank === x.rank && scale.rank === x.rank && scale.shape.at(-1) === 1
  return fits && sameShape(rows.shape, x.shape) && sameShape(scale.shape.slice(0, -1), x.shape.slice(0, -1))
    ? { rows, scale }
    : undefined
}

const indexing = [
  rule(gatherOperator, (g, { inputs: [table, indices] }) => [
    scatterAdd(table.shape, indices, g, table.sparse),
    undefined,
  ]),
  rule(scatterAddOperator, (g, { inputs: [indices] }) => [undefined, gather(g, indices)]),
  rule(takeAlongLastOperator, (g, { inputs: [x, indices] }) => [
    scatterAddLast(fill(0, x.shape, x.dtype), indices, g),
    undefined,
  ]),
  rule(scatterAddLastOperator, (g, { inputs: [, indices] }) => [g, undefined, takeAlongLast(g, indices)]),
  rule(logSoftmaxPassthroughOperator, g => [g]),
  rule(nllFromLogSoftmaxOperator, (g, { inputs: [logProbabilities, labels], attributes }) => [
    applySingle(crossEntropySlopeOperator, [logProbabilities, labels, g], attributes),
    undefined,
  ]),
  {
    operator: crossEntropySlopeOperator,
    apply: ({ inputs, attributes }: Node<{ smoothing: number }>, cotangents: Cotangents, vjp: Vjp) =>
      vjp([crossEntropySlope(inputs, attributes.smoothing)], cotangents, inputs),
  },
]

/**
 * The gradient of a cross-entropy in operators that have gradients themselves. The log-softmax passes gradients on as they
 * are, so that its own is taken here; it changes no log probabilities.
 */
function crossEntropySlope([logProbabilities, labels, g]: readonly Tensor[], smoothing: number): Tensor {
  const probabilities = exp(applySingle(logSoftmaxOperator, [logProbabilities], null))
  // Smoothing divides by the vocabulary's size, which the lowering asks for as a number as well.
  const size = logProbabilities.shape.at(-1) as number
  const excess = smoothing === 0 ? probabilities : sub(probabilities, smoothing / size)
  const perRow = scatterAddLast(excess, labels, fill(smoothing - 1, labels.shape, g.dtype))
  return mul(perRow, unsqueeze(g, -1))
}

const rules: readonly GradientRule[] = [
  ...elementwise,
  ...reductions,
  ...layout,
  ...products,
  ...indexing,
  { operator: scanOperator, apply: scanGradient },
]
const byOperator = new Map<Operator, GradientRule>(rules.map(entry => [entry.operator, entry]))

/** The gradient rule of an operator; undefined where no gradient flows. */
export function gradientRule(operator: Operator): GradientRule | undefined {
  return byOperator.get(operator)
}
