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
  /** What reads packed files faster than src/packed does; absent from scalar kernels. */
  readonly decoders?: Decoders
}

/** See assembly/decode.ts. */
export interface Decoders {
  checksum(from: number, length: number, tables: number): number
  decodeValues(from: number, length: number, out: number, count: number, size: number, model: number): number
  prepareGaps(gaps: number): number
  decodePositions(
    ...args: [
      ...[from: number, length: number, rows: number, columns: number],
      ...[starts: number, indices: number, most: number, gaps: number, model: number],
    ]
  ): number
  allFinite(from: number, count: number): number
}

/** What kernels can be: WebAssembly with fused multiply-adds, without, or none. */
export type KernelKind = 'relaxed-simd' | 'simd' | 'scalar'

let fastest: KernelKind | undefined

/** The fastest kind that this engine has. */
export function fastestKernels(): KernelKind {
  const has = (module: string) => WebAssembly.validate(bytesOf(module))
  fastest ??= has(RELAXED_SIMD) ? 'relaxed-simd' : has(SIMD) ? 'simd' : 'scalar'
  return fastest
}

/** Compiled once. */
const modules = new Map<string, Promise<WebAssembly.Module>>()

function compiled(kind: 'simd' | 'relaxed-simd', shared: boolean): Promise<WebAssembly.Module> {
  const key = `${kind} ${shared}`
  let module = modules.get(key)
  if (!module) {
    const bytes = bytesOf(kind === 'simd' ? SIMD : RELAXED_SIMD)
    if (shared) bytes[MEMORY_FLAGS.at] = MEMORY_FLAGS.shared
    module = WebAssembly.compile(bytes)
    modules.set(key, module)
  }
  return module
}

/** Kernels over a memory. */
export async function createKernels(memory: WebAssembly.Memory, kind: KernelKind): Promise<Kernels> {
  if (kind === 'scalar') return scalarKernels(memory)
  const instance = await WebAssembly.instantiate(await compiled(kind, isShared(memory)), { env: { memory } })
  const kernels = instance.exports as unknown as Kernels & Decoders
  return { ...kernels, decoders: kernels }
}

/** Whether several threads can work on a memory. */
export function isShared({ buffer }: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
}
