/** Where values come from: inputs of the program, constants, random masks, placeholders of a loop's body. */
import { ShapeError } from '../../errors.ts'
import {
  applySingle,
  type DType,
  Node,
  type Operator,
  type Shape,
  type SparseType,
  type Tensor,
  type TensorType,
} from '../tensor.ts'

/** How a program fills an input by itself: an inverted-dropout mask drawn from (seed, stream, step). */
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
  infer: (_inputs, { dtype, shape, sparse }) => [{ dtype, shape, sparse }],
}
/** An input of the program: named, typed, its shape checked when the program runs. */
export function input(name: string, dtype: DType, shape: Shape): Tensor {
  return applySingle(inputOperator, [], { name, dtype, shape })
}
/**
 * An input that has numbers at the places of a pattern alone. Inputs whose pattern has one name are bound to arrays of one
 * pattern. What is computed from it alone, and its gradients, have the same pattern. A backend may keep the numbers at
 * the pattern's places only, or a whole array with zeros: results are the same.
 * @param shape rows and columns, whole blocks of them
 * @throws ShapeError a shape that no whole blocks fill
 */
export function sparseInput(
  name: string,
  dtype: DType,
  shape: readonly [rows: number, columns: number],
  sparse: SparseType,
): Tensor {
  if (shape.length !== 2 || shape.some((size, axis) => size % sparse.block[axis] !== 0))
    throw new ShapeError(`sparseInput: [${shape}] is not made of blocks of ${sparse.block.join(' × ')}`)
  return applySingle(inputOperator, [], { name, dtype, shape, sparse })
}
/** An input of the type of another array, sparse where that is: an optimiser's state for a parameter, say. */
export function inputLike(name: string, { dtype, shape, sparse }: TensorType): Tensor {
  return applySingle(inputOperator, [], { name, dtype, shape, sparse })
}
/** What a node reads if it is an input of the program, otherwise undefined. */
export function inputAttributes(node: Node): InputAttributes | undefined {
  return node.operator === inputOperator ? (node.attributes as InputAttributes) : undefined
}

/**
 * An inverted-dropout mask (0, or 1 / (1 - rate)) that the program draws anew at each step.
 * @param stream tells apart the masks of one program
 */
export function dropoutMask(shape: Shape, rate: number, stream: number, dtype: DType = 'float32'): Tensor {
  return applySingle(inputOperator, [], { name: `dropout.${stream}`, dtype, shape, random: { rate, stream } })
}

export const constantOperator: Operator<{ dtype: DType; value: number }> = {
  name: 'constant',
  infer: (_inputs, { dtype }) => [{ dtype, shape: [] }],
}
/**
 * A number, as a tensor of rank 0.
 * @throws RangeError an infinity or NaN: nodes are interned by their JSON, which cannot hold them
 */
export function constant(value: number, dtype: DType = 'float32'): Tensor {
  if (!Number.isFinite(value)) throw new RangeError(`constant(${value}) is not finite`)
  return applySingle(constantOperator, [], { dtype, value })
}

export const fillOperator: Operator<TensorType & { value: number }> = {
  name: 'fill',
  infer: (_inputs, { dtype, shape }) => [{ dtype, shape }],
}
/** An array of one number repeated; named dimensions are taken from the program's inputs. */
export function fill(value: number, shape: Shape, dtype: DType = 'float32'): Tensor {
  return shape.length === 0 ? constant(value, dtype) : applySingle(fillOperator, [], { dtype, shape, value })
}

export const placeholderOperator: Operator<TensorType> = {
  name: 'placeholder',
  infer: (_inputs, { dtype, shape }) => [{ dtype, shape }],
}
/** Stands inside a loop's body for a carried state or a slice of a scanned array. Never interned: each is unique. */
export function placeholder(dtype: DType, shape: Shape): Tensor {
  return new Node(placeholderOperator, [], { dtype, shape }, [{ dtype, shape }]).outputs[0]
}
