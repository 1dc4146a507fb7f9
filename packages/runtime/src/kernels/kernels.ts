/**
 * Kernels: functions of pointers (bytes) into one memory, which allocate nothing. WebAssembly with SIMD where the engine
 * has it, plain TypeScript elsewhere; assembly/ says what each computes.
 */
import { MEMORY_FLAGS, RELAXED_SIMD, SIMD } from './modules.ts'
import { scalarKernels } from './scalar.ts'

/** A sparse matrix in memory: pointers to compressed rows, see assembly/product.ts. */
type Rows = readonly [starts: number, indices: number, values: number, width: number]

export interface Kernels {
  multiplyFloat(...args: [...Rows, rows: number, x: number, lanes: number, bias: number, y: number, add: number]): void
  multiplyCoded(
    ...args: [
      ...Rows,
      ...[rows: number, table: number, scales: number],
      ...[x: number, lanes: number, bias: number, y: number, add: number],
    ]
  ): void
  multiplyBlocks(
    ...args: [
      ...[starts: number, indices: number, codes: number, rows: number, scales: number],
      ...[x: number, activationScales: number, count: number],
      ...[bias: number, y: number, lanes: number, add: number],
    ]
  ): void
  quantize(
    ...args: [
      ...[x: number, lanes: number, features: number, count: number, limit: number],
      ...[out: number, scales: number],
    ]
  ): void
  embedFloat(...args: [...Rows, row: number, lane: number, lanes: number]): void
  embedCoded(...args: [...Rows, row: number, table: number, scales: number, lane: number, lanes: number]): void
  lstmCell(z: number, c: number, h: number, units: number, lanes: number, mask: number): void
  tanhAll(x: number, count: number): void
  copyLane(from: number, fromLanes: number, to: number, toLanes: number, features: number): void
  attend(
    ...args: [
      ...[query: number, keys: number, states: number, positions: number, n: number, vector: number],
      ...[weights: number, context: number],
    ]
  ): void
  topTokens(logits: number, vocabulary: number, lanes: number, count: number, ids: number, scores: number): void
}

/** What kernels can be: WebAssembly with fused multiply-adds, without, or none. */
export type KernelKind = 'relaxed-simd' | 'simd' | 'scalar'

/** The fastest kind that this engine has. */
export function fastestKernels(): KernelKind {
  if (WebAssembly.validate(bytesOf(RELAXED_SIMD))) return 'relaxed-simd'
  return WebAssembly.validate(bytesOf(SIMD)) ? 'simd' : 'scalar'
}

/** Kernels over a memory. */
export async function createKernels(memory: WebAssembly.Memory, kind: KernelKind): Promise<Kernels> {
  if (kind === 'scalar') return scalarKernels(memory)
  const bytes = bytesOf(kind === 'relaxed-simd' ? RELAXED_SIMD : SIMD)
  if (isShared(memory)) bytes[MEMORY_FLAGS.at] = MEMORY_FLAGS.shared
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } })
  return instance.exports as unknown as Kernels
}

/** Whether several threads can work on a memory. */
export function isShared({ buffer }: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
}
