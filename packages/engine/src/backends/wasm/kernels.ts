/** The kernels of float32 over a memory; assembly/ documents what each computes. */
import { BackendError } from '../../errors.ts'
import { decodeBytes } from './decode-bytes.ts'
import { Memory } from './memory.ts'
import { MODULES } from './modules.ts'
import { webAssembly } from './webassembly.ts'

type N = number

/** Functions of pointers (bytes) and sizes. */
export interface Kernels {
  copyRows(from: N, fromRow: N, to: N, toRow: N, bytes: N, rows: N): void
  pack(b: N, bRow: N, bColumn: N, depth: N, columns: N, panels: N): void
  multiply(
    ...operands: [
      ...[a: N, aRow: N, aColumn: N, panels: N, bias: N],
      ...[c: N, begin: N, end: N, columns: N, depth: N, scratch: N],
    ]
  ): void
  binary(
    op: N,
    ...operands: [...[a: N, aStep: N, aRow: N], ...[b: N, bStep: N, bRow: N], ...[y: N, rows: N, count: N]]
  ): void
  unary(op: N, x: N, y: N, count: N): void
  logarithm(x: N, y: N, count: N): void
  sumSquare(x: N, count: N): number
  sumRows(x: N, y: N, rows: N, count: N): void
  sumColumns(x: N, y: N, rows: N, count: N): void
  softmax(x: N, y: N, rows: N, count: N): void
  logSoftmax(x: N, y: N, rows: N, count: N): void
  transpose(from: N, row: N, count: N, columns: N, to: N, lanes: N): void
  sparseForward(...operands: SparseOperands): void
  sparseTransposed(...operands: SparseOperands): void
  sparseSampled(...operands: SparseOperands): void
}

type SparseOperands = [
  ...[starts: N, places: N, values: N, height: N, width: N],
  ...[first: N, second: N, lanes: N, begin: N, end: N],
]

/** Which kernels: with fused multiply-adds, or without. */
export type KernelKind = keyof typeof MODULES

const MAXIMUM_PAGES = 65_536

/**
 * A new memory and the kernels over it.
 * @param asked which kind; default: the fastest that runs here
 * @throws BackendError `no-webassembly`: there is none here, or a page's policy forbids it
 */
export async function createKernels(asked?: KernelKind): Promise<{ memory: Memory; kernels: Kernels }> {
  const engine = webAssembly()
  if (!engine) throw new BackendError('no-webassembly', 'there is no WebAssembly here')
  const kinds: KernelKind[] = asked ? [asked] : ['relaxed-simd', 'simd']
  const bytes = kinds.map(kind => decodeBytes(MODULES[kind])).find(module => engine.validate(module))
  if (!bytes) throw new BackendError('no-webassembly', `WebAssembly runs no ${kinds.join(' and no ')} here`)
  try {
    const memory = new engine.Memory({ initial: 16, maximum: MAXIMUM_PAGES })
    const { exports } = await engine.instantiate(await engine.compile(bytes), { env: { memory } })
    // The module exports a function for each name of the interface: assembly/index.ts.
    return { memory: new Memory(memory), kernels: exports as unknown as Kernels }
  } catch (cause) {
    throw new BackendError('no-webassembly', `WebAssembly does not run here: ${(cause as Error).message}`, { cause })
  }
}
