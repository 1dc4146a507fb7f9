/** What can compute a training. Without a schema, so that training in a page does not carry one. */

/** ONNX Runtime, or WebAssembly. */
export const BACKEND_KINDS = ['onnx', 'wasm'] as const
export type BackendKind = (typeof BACKEND_KINDS)[number]
