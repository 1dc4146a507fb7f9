/** The part of the ONNX format that programs are written in, from onnx.proto3 (IR version 10), by protobufjs. */
import protobuf from 'protobufjs'

const schema = `syntax = "proto3";
package onnx;
message AttributeProto {
  string name = 1; int32 type = 20; float f = 2; int64 i = 3; bytes s = 4; TensorProto t = 5; GraphProto g = 6;
  repeated float floats = 7; repeated int64 ints = 8;
}
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message NodeProto {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; string domain = 7;
  repeated AttributeProto attribute = 5;
}
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message ModelProto {
  int64 ir_version = 1; repeated OperatorSetIdProto opset_import = 8; string producer_name = 2; GraphProto graph = 7;
}
message GraphProto {
  repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5; repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12; repeated ValueInfoProto value_info = 13;
}
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message TensorShapeProto {
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  repeated Dimension dim = 1;
}
message TypeProto {
  message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; }
  oneof value { Tensor tensor_type = 1; }
}`

const root = protobuf.parse(schema, { keepCase: true }).root
const ModelProto = root.lookupType('onnx.ModelProto')

export interface TensorProto {
  dims: number[]
  data_type: number
  name?: string
  raw_data: Uint8Array
}
export interface AttributeProto {
  name: string
  type: number
  f?: number
  i?: number
  s?: Uint8Array
  t?: TensorProto
  g?: GraphProto
  ints?: number[]
}
export interface NodeProto {
  op_type: string
  domain?: string
  name: string
  input: string[]
  output: string[]
  attribute: AttributeProto[]
}
export interface ValueInfoProto {
  name: string
  type: { tensor_type: { elem_type: number; shape?: { dim: ({ dim_value: number } | { dim_param: string })[] } } }
}
export interface GraphProto {
  name: string
  node: NodeProto[]
  initializer: TensorProto[]
  input: ValueInfoProto[]
  output: ValueInfoProto[]
  /** Types of what lies between: with the shapes' names ONNX Runtime finds out what can be computed in place. */
  value_info: ValueInfoProto[]
}

/** The bytes of an ONNX model, operator set 21 and ONNX Runtime's own operators beside it. */
export function encodeModel(graph: GraphProto): Uint8Array {
  const model = {
    ir_version: 10,
    producer_name: 'espalier',
    opset_import: [
      { domain: '', version: 21 },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph,
  }
  const problem = ModelProto.verify(model)
  if (problem) throw new Error(`the ONNX model is not well formed: ${problem}`)
  return ModelProto.encode(ModelProto.fromObject(model)).finish()
}

/** Reads the graph of a model that {@link encodeModel} wrote. */
export function decodeModel(bytes: Uint8Array): GraphProto {
  const model = ModelProto.toObject(ModelProto.decode(bytes), { longs: Number, arrays: true })
  return model.graph as GraphProto
}
