/** Array programs: trace a function over symbolic tensors, differentiate it, compile it to ONNX Runtime, run it. */
export { InputError, ShapeError } from './errors.ts'
export { type ExportOptions, exportOnnx } from './export.ts'
export { gradients } from './gradient.ts'
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
} from './operators/elementwise.ts'
export { addAt, crossEntropy, gather, pick, scatterAdd, top } from './operators/indexing.ts'
export { concat, expand, mergeAxes, split, splitAxis, squeeze, transpose, unsqueeze } from './operators/layout.ts'
export { contract, linear, matmul } from './operators/product.ts'
export { logSoftmax, max, softmax, sum, sumSquare } from './operators/reduction.ts'
export { constant, dropoutMask, fill, input } from './operators/source.ts'
export { type ArrayValue, type CompileOptions, compile, type NumberArray, Program, type RunOptions } from './program.ts'
export { Random, threefry } from './random.ts'
export { type ScanOptions, scan } from './scan.ts'
export type { Dim, DType, Shape, Tensor } from './tensor.ts'
