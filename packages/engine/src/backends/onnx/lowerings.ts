/** How each operator is written in ONNX (operator set 21, and ONNX Runtime's own operators where they are faster). */
import { ShapeError } from '../../errors.ts'
import * as elementwise from '../../graph/operators/elementwise.ts'
import * as indexing from '../../graph/operators/indexing.ts'
import * as layout from '../../graph/operators/layout.ts'
import * as product from '../../graph/operators/product.ts'
import * as reduction from '../../graph/operators/reduction.ts'
import * as source from '../../graph/operators/source.ts'
import type { DType, Node, Operator, Shape, Tensor } from '../../graph/tensor.ts'
import type { Attributes } from './values.ts'

/** Writes ONNX nodes and constants and names their results. */
export interface Emitter {
  /** Adds an ONNX node and returns the names of its outputs. */
  add(
    op: string,
    inputs: string[],
    attributes?: Attributes,
    options?: { readonly outputs?: number; readonly domain?: string },
  ): string[]
  constant(dtype: DType, values: readonly number[], dims?: readonly number[]): string
  /** The name of an int64 vector that holds a shape, named dimensions looked up when the program runs. */
  shape(shape: Shape): string
}

interface Lowering<A = unknown> {
  readonly operator: Operator<A>
  /** Writes a node, given the names of its inputs; returns the names of its outputs. */
  write(emitter: Emitter, inputs: string[], node: Node<A>): string[]
}

function lower<A>(operator: Operator<A>, write: Lowering<A>['write']): Lowering<A> {
  return { operator, write }
}
/** An operator that ONNX has under another name. */
function same<A>(operator: Operator<A>, op: string, attributes?: Attributes): Lowering<A> {
  return { operator, write: (emitter, inputs) => emitter.add(op, inputs, attributes) }
}

const sources = [
  lower(source.constantOperator, (emitter, _inputs, { attributes: { dtype, value } }) => [
    emitter.constant(dtype, [value], []),
  ]),
  lower(source.fillOperator, (emitter, _inputs, { attributes: { dtype, shape, value } }) =>
    emitter.add('ConstantOfShape', [emitter.shape(shape)], { value: { tensor: { dtype, value } } }),
  ),
]

const numberByNumber = [
  same(elementwise.addOperator, 'Add'),
  same(elementwise.subOperator, 'Sub'),
  same(elementwise.mulOperator, 'Mul'),
  same(elementwise.divOperator, 'Div'),
  same(elementwise.maximumOperator, 'Max'),
  same(elementwise.minimumOperator, 'Min'),
  same(elementwise.greaterOperator, 'Greater'),
  same(elementwise.lessOperator, 'Less'),
  same(elementwise.equalOperator, 'Equal'),
  same(elementwise.negOperator, 'Neg'),
  same(elementwise.expOperator, 'Exp'),
  same(elementwise.logOperator, 'Log'),
  same(elementwise.sqrtOperator, 'Sqrt'),
  same(elementwise.tanhOperator, 'Tanh'),
  same(elementwise.absOperator, 'Abs'),
  same(elementwise.sigmoidOperator, 'Sigmoid'),
  same(elementwise.signOperator, 'Sign'),
  same(elementwise.whereOperator, 'Where'),
  lower(elementwise.castOperator, (emitter, inputs, { attributes: { to } }) =>
    emitter.add('Cast', inputs, { to: { dtype: to } }),
  ),
]

const reductions = [
  lower(reduction.sumOperator, (emitter, [x], { attributes: { axes, keep } }) =>
    emitter.add('ReduceSum', [x, emitter.constant('int64', axes)], { keepdims: Number(keep) }),
  ),
  lower(reduction.maxOperator, (emitter, [x], { attributes: { axes, keep } }) =>
    emitter.add('ReduceMax', [x, emitter.constant('int64', axes)], { keepdims: Number(keep) }),
  ),
  lower(reduction.sumSquareOperator, (emitter, [x], { inputs }) => {
    // Rows first: ONNX Runtime shares rows between threads, but not one long sum.
    if (inputs[0].rank < 2) return emitter.add('ReduceSumSquare', [x], { keepdims: 0 })
    const rows = emitter.add('ReduceSumSquare', [x, emitter.constant('int64', [-1])], { keepdims: 0 })
    return emitter.add('ReduceSum', rows, { keepdims: 0 })
  }),
  same(reduction.softmaxOperator, 'Softmax', { axis: -1 }),
  same(reduction.logSoftmaxOperator, 'LogSoftmax', { axis: -1 }),
]

const layouts = [
  lower(layout.transposeOperator, (emitter, inputs, { attributes: { order } }) =>
    emitter.add('Transpose', inputs, { perm: order }),
  ),
  lower(layout.unsqueezeOperator, (emitter, [x], { attributes: { axis } }) =>
    emitter.add('Unsqueeze', [x, emitter.constant('int64', [axis])]),
  ),
  lower(layout.squeezeOperator, (emitter, [x], { attributes: { axis } }) =>
    emitter.add('Squeeze', [x, emitter.constant('int64', [axis])]),
  ),
  lower(layout.expandOperator, (emitter, [x], { attributes: { shape } }) =>
    emitter.add('Expand', [x, emitter.shape(shape)]),
  ),
  lower(layout.splitOperator, (emitter, [x], { attributes: { axis, sizes } }) =>
    emitter.add('Split', [x, emitter.constant('int64', sizes)], { axis }, { outputs: sizes.length }),
  ),
  lower(layout.concatOperator, (emitter, inputs, { attributes: { axis } }) => emitter.add('Concat', inputs, { axis })),
  lower(layout.unflattenOperator, (emitter, [x], { inputs, attributes: { axis, outer } }) => {
    const { shape } = inputs[0]
    return reshape(emitter, x, [...shape.slice(0, axis), outer], shape.slice(axis + 1))
  }),
  lower(layout.flattenOperator, (emitter, [x], { inputs, attributes: { axis } }) => {
    const { shape } = inputs[0]
    return reshape(emitter, x, shape.slice(0, axis), shape.slice(axis + 2))
  }),
]

/** x with one axis of whatever size is left (-1) between those before and those after it. */
function reshape(emitter: Emitter, x: string, before: Shape, after: Shape): string[] {
  const parts = before.map(dim => emitter.shape([dim]))
  const rest = after.map(dim => emitter.shape([dim]))
  const shape = emitter.add('Concat', [...parts, emitter.constant('int64', [-1]), ...rest], { axis: 0 })
  return emitter.add('Reshape', [x, ...shape])
}

const products = [
  lower(product.matmulOperator, emitMatmul),
  lower(product.outerSumOperator, (emitter, names, { inputs }) =>
    emitter.add(
      'Gemm',
      names.map((name, i) => asMatrix(emitter, name, inputs[i])),
      { transA: 1 },
    ),
  ),
  lower(product.linearOperator, (emitter, [x, weight, bias], { inputs, outputs }) => {
    const result = emitter.add('Gemm', [asMatrix(emitter, x, inputs[0]), weight, bias], { transB: 1 })
    return inputs[0].rank === 2 ? result : emitter.add('Reshape', [...result, emitter.shape(outputs[0].shape)])
  }),
]

function emitMatmul(emitter: Emitter, [a, b]: string[], { inputs, attributes: t }: Node<product.Transposed>): string[] {
  if (!t.a && !t.b) return emitter.add('MatMul', [a, b])
  const flags = { transA: Number(t.a), transB: Number(t.b) }
  if (inputs[0].rank === 2 && inputs[1].rank === 2) return emitter.add('Gemm', [a, b], flags)
  if (inputs[0].dtype === 'float32') return emitter.add('FusedMatMul', [a, b], flags, { domain: 'com.microsoft' })
  const swapped = (name: string, x: Tensor, swap: boolean) =>
    swap ? emitter.add('Transpose', [name], { perm: [...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2] })[0] : name
  return emitter.add('MatMul', [swapped(a, inputs[0], t.a), swapped(b, inputs[1], t.b)])
}

/** The name of x as one matrix of rows: all axes but the last made one. */
function asMatrix(emitter: Emitter, name: string, x: Tensor): string {
  if (x.rank === 2) return name
  return emitter.add('Reshape', [name, emitter.constant('int64', [-1, knownSize(x)])])[0]
}

/** The size of the last axis, which has to be known. */
function knownSize(x: Tensor): number {
  const size = x.shape.at(-1)
  if (typeof size !== 'number') throw new ShapeError(`${x}: the size of the last axis has to be known here`)
  return size
}

const indexings = [
  same(indexing.gatherOperator, 'Gather', { axis: 0 }),
  lower(indexing.scatterAddOperator, (emitter, [indices, rows], { inputs, attributes: { shape } }) => {
    const zeros = emitter.add('ConstantOfShape', [emitter.shape(shape)], {
      value: { tensor: { dtype: inputs[1].dtype, value: 0 } },
    })
    const places = emitter.add('Unsqueeze', [
      ...emitter.add('Cast', [indices], { to: { dtype: 'int64' } }),
      emitter.constant('int64', [-1]),
    ])
    return emitter.add('ScatterND', [...zeros, ...places, rows], { reduction: 'add' })
  }),
  lower(indexing.takeAlongLastOperator, (emitter, [x, indices]) => takeAlongLast(emitter, x, indices)),
  lower(indexing.scatterAddLastOperator, (emitter, [x, indices, values]) => addAlongLast(emitter, x, indices, values)),
  same(indexing.logSoftmaxPassthroughOperator, 'LogSoftmax', { axis: -1 }),
  lower(indexing.nllFromLogSoftmaxOperator, (emitter, [logs, labels], { inputs: [x], attributes: { smoothing } }) => {
    const own = emitter.add('Neg', takeAlongLast(emitter, logs, labels))
    if (smoothing === 0) return own
    const total = emitter.add('ReduceSum', [logs, emitter.constant('int64', [-1])], { keepdims: 0 })
    const weighted = emitter.add('Mul', [...own, emitter.constant(x.dtype, [1 - smoothing], [])])
    const uniform = emitter.add('Mul', [...total, emitter.constant(x.dtype, [smoothing / knownSize(x)], [])])
    return emitter.add('Sub', [...weighted, ...uniform])
  }),
  lower(indexing.crossEntropySlopeOperator, (emitter, [logs, labels, g], { inputs, attributes: { smoothing } }) => {
    const [x, { dtype, shape }] = [inputs[0], inputs[2]]
    const uniform = () => emitter.constant(dtype, [smoothing / knownSize(x)], [])
    const [probabilities] = emitter.add('Exp', [logs])
    const [excess] = smoothing === 0 ? [probabilities] : emitter.add('Sub', [probabilities, uniform()])
    const own = emitter.add('ConstantOfShape', [emitter.shape(shape)], {
      value: { tensor: { dtype, value: smoothing - 1 } },
    })
    const slope = emitter.add('Unsqueeze', [g, emitter.constant('int64', [-1])])
    return emitter.add('Mul', [...addAlongLast(emitter, excess, labels, own[0]), ...slope])
  }),
  lower(indexing.topKOperator, (emitter, inputs) => emitter.add('TopK', inputs, { axis: -1 }, { outputs: 2 })),
]

function takeAlongLast(emitter: Emitter, x: string, indices: string): string[] {
  const last = emitter.constant('int64', [-1])
  const taken = emitter.add('GatherElements', [x, ...emitter.add('Unsqueeze', [indices, last])], { axis: -1 })
  return emitter.add('Squeeze', [...taken, last])
}

function addAlongLast(emitter: Emitter, x: string, indices: string, values: string): string[] {
  const last = emitter.constant('int64', [-1])
  const places = emitter.add('Unsqueeze', [indices, last])
  return emitter.add('ScatterElements', [x, ...places, ...emitter.add('Unsqueeze', [values, last])], {
    axis: -1,
    reduction: 'add',
  })
}

const lowerings: readonly Lowering[] = [
  ...sources,
  ...numberByNumber,
  ...reductions,
  ...layouts,
  ...products,
  ...indexings,
]
const byOperator = new Map<Operator, Lowering>(lowerings.map(entry => [entry.operator, entry]))

/** How an operator is written. */
export function lowering(operator: Operator): Lowering {
  const found = byOperator.get(operator)
  if (!found) throw new Error(`the ONNX backend does not have the operator ${operator.name}`)
  return found
}
