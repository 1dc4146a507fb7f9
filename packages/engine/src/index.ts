/**
 * Array programs: trace a function over symbolic tensors and differentiate it. A backend compiles and runs the result;
 * `@espalier/engine/onnx` has one. This module loads anywhere: it needs no package, no Node and no page.
 */
export type {
  ArrayValue,
  Backend,
  DeviceArray,
  NumberArray,
  Program,
  ProgramSource,
  RunOptions,
  SparsePattern,
} from './backends/backend.ts'
export { BackendError, InputError, ShapeError } from './errors.ts'
export { gradients, vjp } from './graph/gradient.ts'
export { type ScanOptions, scan } from './graph/loop/scan.ts'
export {
  abs,
  add,
  cast,
  div,
  equal,
  exp,
  greater,
  less,
  log,
  maximum,
  minimum,
  mul,
  neg,
  type Operand,
  sigmoid,
  sign,
  sqrt,
  sub,
  tanh,
  where,
} from './graph/operators/elementwise.ts'
export { crossEntropy, gather, scatterAdd, scatterAddLast, takeAlongLast, topK } from './graph/operators/indexing.ts'
export { concat, expand, flatten, split, squeeze, transpose, unflatten, unsqueeze } from './graph/operators/layout.ts'
export { linear, matmul, outerSum, type Transposed } from './graph/operators/product.ts'
export { logSoftmax, max, softmax, sum, sumSquare } from './graph/operators/reduction.ts'
export { constant, dropoutMask, fill, input, inputLike, sparseInput } from './graph/operators/source.ts'
export { namedStream, Random, threefry } from './graph/random.ts'
export type { Cotangents, Dim, DType, Shape, SparseType, Tensor } from './graph/tensor.ts'
