/** Parts of an ONNX graph from the engine's terms: types, constants, attributes, nodes. */
import type { DType, TensorType } from '../../graph/tensor.ts'
import { arrayOf } from '../arrays.ts'
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from './format.ts'

const ELEMENT_TYPE: Record<DType, number> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 }
const ATTRIBUTE = { int: 2, string: 3, tensor: 4, graph: 5, ints: 7 }

/** An attribute of an ONNX node: a whole number, a text in ASCII, whole numbers, a type, one number, a subgraph. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly dtype: DType }
  | { readonly tensor: { readonly dtype: DType; readonly value: number } }
  | { readonly graph: GraphProto }
export type Attributes = Readonly<Record<string, AttributeValue>>

/** The type of a named value; named dimensions stay open. */
export function valueInfo(name: string, { dtype, shape }: TensorType): ValueInfoProto {
  const dim = shape.map(d => (typeof d === 'number' ? { dim_value: d } : { dim_param: d }))
  return { name, type: { tensor_type: { elem_type: ELEMENT_TYPE[dtype], shape: { dim } } } }
}

/** An array as the format has it: the very bytes, in the order of the processor, which is little-endian. */
export function rawTensor(dtype: DType, array: ArrayBufferView, dims: readonly number[]): TensorProto {
  const raw_data = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  return { dims: [...dims], data_type: ELEMENT_TYPE[dtype], raw_data }
}

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return { name, type: ATTRIBUTE.int, i: value }
  if (typeof value === 'string')
    return { name, type: ATTRIBUTE.string, s: Uint8Array.from(value, letter => letter.charCodeAt(0)) }
  if ('dtype' in value) return { name, type: ATTRIBUTE.int, i: ELEMENT_TYPE[value.dtype] }
  if ('graph' in value) return { name, type: ATTRIBUTE.graph, g: value.graph }
  if ('tensor' in value) {
    const { dtype, value: number } = value.tensor
    return { name, type: ATTRIBUTE.tensor, t: rawTensor(dtype, arrayOf(dtype, [number]), [1]) }
  }
  return { name, type: ATTRIBUTE.ints, ints: [...value] }
}

/** An ONNX node. @param name must differ from every other node's */
export function nodeProto(
  op: string,
  input: string[],
  output: string[],
  name: string,
  attributes: Attributes = {},
  domain = '',
): NodeProto {
  const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value))
  return { op_type: op, domain, name, input, output, attribute }
}
