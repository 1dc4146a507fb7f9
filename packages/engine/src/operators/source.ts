/** Where values come from: inputs of the program, constants, random masks, placeholders of a loop's body. */
import { apply1, type DType, Node, type Operator, type Shape, type Tensor, type TensorType } from '../tensor.ts'

/** How the runner fills an input by itself: an inverted-dropout mask drawn from (seed, stream, step). */
export interface RandomFill {
  readonly rate: number
  readonly stream: number
}
export interface InputAttributes extends TensorType {
  readonly name: string
  readonly random?: RandomFill
}

export const inputOperator: Operator<InputAttributes> = {
  name: 'input',
  infer: (_inputs, { dtype, shape }) => [{ dtype, shape }],
  emit() {
    throw new Error('inputs are named by the emitter')
  },
}
/** An input of the program: named, typed, its shape checked when the program runs. */
export function input(name: string, dtype: DType, shape: Shape): Tensor {
  return apply1(inputOperator, [], { name, dtype, shape })
}
/**
 * An inverted-dropout mask (0, or 1 / (1 - rate)) that the runner draws anew at each step.
 * @param stream tells apart the masks of one program
 */
export function dropoutMask(shape: Shape, rate: number, stream: number, dtype: DType = 'float32'): Tensor {
  return apply1(inputOperator, [], { name: `dropout.${stream}`, dtype, shape, random: { rate, stream } })
}

const constantOperator: Operator<{ dtype: DType; value: number }> = {
  name: 'constant',
  infer: (_inputs, { dtype }) => [{ dtype, shape: [] }],
  emit: (emitter, _inputs, { attributes: { dtype, value } }) => [emitter.constant(dtype, [value], [])],
}
/** A number, as a tensor of rank 0. */
export function constant(value: number, dtype: DType = 'float32'): Tensor {
  // JSON, which equal expressions are told by, has no infinities; none is needed.
  if (!Number.isFinite(value)) throw new RangeError(`constant(${value}) is not finite`)
  return apply1(constantOperator, [], { dtype, value })
}

const fillOperator: Operator<TensorType & { value: number }> = {
  name: 'fill',
  infer: (_inputs, { dtype, shape }) => [{ dtype, shape }],
  emit: (emitter, _inputs, { attributes: { dtype, shape, value } }) =>
    emitter.add('ConstantOfShape', [emitter.shape(shape)], { value: { tensor: { dtype, value } } }),
}
/** An array of one number repeated; named dimensions are taken from the program's inputs. */
export function fill(value: number, shape: Shape, dtype: DType = 'float32'): Tensor {
  return shape.length === 0 ? constant(value, dtype) : apply1(fillOperator, [], { dtype, shape, value })
}

export const placeholderOperator: Operator<TensorType> = {
  name: 'placeholder',
  infer: (_inputs, { dtype, shape }) => [{ dtype, shape }],
  emit() {
    throw new Error('a placeholder outside its loop')
  },
}
/** What stands, inside a loop's body, for a carried state or a slice of a scanned array. Each is itself alone. */
export function placeholder(dtype: DType, shape: Shape): Tensor {
  return new Node(placeholderOperator, [], { dtype, shape }, [{ dtype, shape }]).outputs[0]
}
