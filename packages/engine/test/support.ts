/** What the engine's tests share. */
import { onnxBackend } from '../src/backends/onnx/index.ts'
import { wasmBackend } from '../src/backends/wasm/index.ts'
import type { Backend, Program, ProgramSource } from '../src/index.ts'

/** The backends, each made once, with one thread. */
const backends: Record<string, Promise<Backend>> = { onnx: onnxBackend({ threads: 1 }), wasm: wasmBackend() }
export type BackendName = 'onnx' | 'wasm'
export const BACKENDS: readonly BackendName[] = ['onnx', 'wasm']

export const backendNamed = (name: BackendName): Promise<Backend> => backends[name]

/** Compiles for a backend. */
export async function compile(source: ProgramSource, name: BackendName = 'onnx'): Promise<Program> {
  return (await backendNamed(name)).compile(source)
}

/** An array of this shape with fixed numbers in it. */
export function numbers(...shape: number[]) {
  const size = shape.reduce((a, b) => a * b, 1)
  return { shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i + size)) }
}
