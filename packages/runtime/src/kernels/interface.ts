/**
 * What kernels are: functions of pointers (byte offsets) into one memory. They allocate nothing. There are two sets of
 * them, WebAssembly with SIMD and plain TypeScript; assembly/ documents what each function computes.
 */
import type { KernelMemory } from './memory.ts'

/** What kernels can be: WebAssembly with fused multiply-adds, without them, or plain TypeScript. */
export type KernelKind = 'relaxed-simd' | 'simd' | 'scalar'

/** Pointers to the parts of a sparse matrix in compressed rows, and its sizes: see assembly/matrix.ts. */
export interface MatrixDescriptor {
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

/** Bytes of a descriptor in memory. */
export const DESCRIPTOR_BYTES = 36

/** Writes a descriptor to memory, where kernels read it. @param pointer to {@link DESCRIPTOR_BYTES} bytes */
export function writeDescriptor(memory: KernelMemory, pointer: number, m: MatrixDescriptor): void {
  const fields = [m.starts, m.order, m.indices, m.values, m.width, m.rows, m.columns, m.table, m.scales]
  new Uint32Array(memory.buffer, pointer, fields.length).set(fields)
}

/** A pointer to the descriptor of a matrix. */
type MatrixPointer = number

export interface Kernels {
  multiplyFloat(m: MatrixPointer, x: number, lanes: number, y: number): void
  multiplyCoded(m: MatrixPointer, x: number, lanes: number, y: number): void
  multiplyBlocks(m: MatrixPointer, x: number, activationScales: number, count: number, y: number): void
  quantize(
    ...args: [
      ...[x: number, stride: number, features: number, count: number, limit: number],
      ...[out: number, scales: number],
    ]
  ): void
  toPanel(
    ...args: [
      ...[x: number, stride: number, features: number, count: number],
      ...[capacity: number, lanes: number, panel: number],
    ]
  ): void
  fillPanel(x: number, features: number, lanes: number, panel: number): void
  fromPanel(panel: number, lanes: number, features: number, count: number, y: number, stride: number): void
  embedFloat(m: MatrixPointer, row: number, out: number): void
  embedCoded(m: MatrixPointer, row: number, out: number): void
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
  /** Kernels that prepare matrices and read packed files; the scalar set has none. */
  readonly loading?: LoadingKernels
}

/** What loads a model faster than TypeScript does. */
export interface LoadingKernels {
  crc32(from: number, length: number, tables: number): number
  decodeValues(from: number, length: number, out: number, count: number, size: number, table: number): number
  prepareGapTables(tables: number): number
  decodePositions(
    ...args: [
      ...[from: number, length: number, rows: number, columns: number],
      ...[starts: number, indices: number, capacity: number, gapTables: number, table: number],
    ]
  ): number
  firstNotFinite(from: number, count: number): number
  sortRows(
    ...args: [
      ...[starts: number, order: number, indices: number, values: number, size: number],
      ...[rows: number, window: number, columns: number, scratch: number],
    ]
  ): void
}
