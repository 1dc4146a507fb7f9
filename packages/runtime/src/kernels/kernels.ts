/**
 * Kernels: functions of pointers (bytes) into one memory, which allocate nothing. WebAssembly with SIMD where the engine
 * has it, plain TypeScript elsewhere; assembly/ says what each computes.
 */
import { UserError } from '../errors.ts'
import { hasWebAssembly, type KernelMemory } from './memory.ts'
import { MEMORY_FLAGS, MODULES } from './modules.ts'
import { scalarKernels } from './scalar.ts'

/** Pointers to a sparse matrix in compressed rows, and its sizes: see assembly/matrix.ts. */
export interface MatrixParts {
  readonly starts: number
  readonly order: number
  readonly indices: number
  readonly values: number
  readonly width: number
  readonly rows: number
  readonly columns: number
  readonly table: number
  readonly scales: number
}

/** Bytes of a matrix's description. */
export const MATRIX_BYTES = 36

/** Writes the description of a matrix, which kernels are given. @param at where, of {@link MATRIX_BYTES} */
export function describeMatrix(memory: KernelMemory, at: number, m: MatrixParts): void {
  const parts = [m.starts, m.order, m.indices, m.values, m.width, m.rows, m.columns, m.table, m.scales]
  new Uint32Array(memory.buffer, at, parts.length).set(parts)
}

/** Where a matrix is described. */
type Matrix = number

export interface Kernels {
  multiplyFloat(m: Matrix, x: number, lanes: number, y: number): void
  multiplyCoded(m: Matrix, x: number, lanes: number, y: number): void
  multiplyBlocks(m: Matrix, x: number, activationScales: number, count: number, y: number): void
  quantize(
    ...args: [
      ...[x: number, stride: number, features: number, count: number, limit: number],
      ...[out: number, scales: number],
    ]
  ): void
  toPanel(
    ...args: [
      ...[x: number, stride: number, features: number, count: number],
      ...[room: number, lanes: number, panel: number],
    ]
  ): void
  fillPanel(x: number, features: number, lanes: number, panel: number): void
  fromPanel(panel: number, lanes: number, features: number, count: number, y: number, stride: number): void
  embedFloat(m: Matrix, row: number, out: number): void
  embedCoded(m: Matrix, row: number, out: number): void
  lstmCell(
    ...args: [
      ...[z: number, stride: number, c: number, h: number, stateStride: number],
      ...[units: number, rows: number, mask: number],
    ]
  ): void
  tanhAll(x: number, count: number): void
  attend(
    ...args: [
      ...[query: number, keys: number, states: number, positions: number, n: number, vector: number],
      ...[weights: number, context: number],
    ]
  ): void
  topTokens(logits: number, vocabulary: number, count: number, ids: number, scores: number): void
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
  sortRows(
    ...args: [
      ...[starts: number, order: number, indices: number, values: number, size: number],
      ...[rows: number, window: number, columns: number, room: number],
    ]
  ): void
}

/** What kernels can be: WebAssembly with fused multiply-adds, without, or none. */
export type KernelKind = 'relaxed-simd' | 'simd' | 'scalar'

/** The fastest kind that runs here. An engine may have WebAssembly, and a page's policy may forbid to compile it. */
export async function fastestKernels(shared = false): Promise<KernelKind> {
  const kind = supportedKernels()
  if (kind === 'scalar') return kind
  return compiled(kind, shared).then(
    () => kind,
    () => 'scalar',
  )
}

let supported: KernelKind | undefined

/** The fastest kind that the engine could run, if nothing forbids it. */
function supportedKernels(): KernelKind {
  const has = (module: string) => hasWebAssembly() && WebAssembly.validate(bytesOf(module))
  supported ??= has(MODULES['relaxed-simd']) ? 'relaxed-simd' : has(MODULES.simd) ? 'simd' : 'scalar'
  return supported
}

/** Compiled once. */
const modules = new Map<string, Promise<WebAssembly.Module>>()

async function compiled(kind: 'simd' | 'relaxed-simd', shared: boolean): Promise<WebAssembly.Module> {
  const key = `${kind} ${shared}`
  let module = modules.get(key)
  if (!module) {
    const bytes = bytesOf(MODULES[kind])
    if (shared) bytes[MEMORY_FLAGS.at] = MEMORY_FLAGS.shared
    module = WebAssembly.compile(bytes)
    modules.set(key, module)
  }
  return module
}

/**
 * Kernels over a memory.
 * @param asked default: the fastest that run here
 * @throws UserError `kernels` if those that were asked for do not run here
 */
export async function createKernels(memory: KernelMemory, asked?: KernelKind): Promise<Kernels> {
  const kind = asked ?? (await fastestKernels(isShared(memory)))
  if (kind === 'scalar') return scalarKernels(memory)
  if (kind !== 'simd' && kind !== 'relaxed-simd')
    throw new UserError('kernels', `there are no kernels ${kind}: simd, relaxed-simd and scalar are`)
  const module = await compiled(kind, isShared(memory)).catch(cause => {
    throw new UserError('kernels', `kernels ${kind} do not run here: ${cause.message}`, { cause })
  })
  const instance = await WebAssembly.instantiate(module, { env: { memory: memory as WebAssembly.Memory } })
  const kernels = instance.exports as unknown as Kernels & Decoders
  return { ...kernels, decoders: kernels }
}

/** Whether several threads can work on a memory. */
export function isShared({ buffer }: KernelMemory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
}
