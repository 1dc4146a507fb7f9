/** What the engine's tests share. */
import { onnxBackend } from '../src/backends/onnx/index.ts'
import type { Program, ProgramSource } from '../src/index.ts'

/** Compiles for the backend that there is. */
export async function compile(source: ProgramSource, threads = 1): Promise<Program> {
  const backend = await onnxBackend({ threads })
  return backend.compile(source)
}

/** An array of this shape with fixed numbers in it. */
export function numbers(...shape: number[]) {
  const size = shape.reduce((a, b) => a * b, 1)
  return { shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i + size)) }
}
