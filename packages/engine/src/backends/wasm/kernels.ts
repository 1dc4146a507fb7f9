/** The kernels of float32 over a memory; assembly/ documents what each computes. */
import { BackendError } from '../../errors.ts'
import { now } from './clock.ts'
import { decodeBytes } from './decode-bytes.ts'
import { createMemory, Memory } from './memory.ts'
import { MEMORY_FLAGS, MODULES } from './modules.ts'
import { ThreadPool } from './threads/pool.ts'
import { canShareMemory } from './threads/start.ts'
import { functionsOf, type WasmFunction, type WasmMemory, type WasmModule, webAssembly } from './webassembly.ts'

type N = number

/** Functions of pointers (bytes) and sizes that are called as they are. */
export interface WholeKernels {
  useScratch(pointer: N): void
  clearPadding(panels: N, columns: N, count: N): void
}

/**
 * Functions that can be divided among threads: the last two operands are the first unit and the end of the units to do.
 * What a unit is stands beside each in assembly/.
 */
export interface DivisibleKernels {
  copyRows(from: N, fromRow: N, to: N, toRow: N, bytes: N, begin: N, end: N): void
  pack(b: N, bRow: N, bColumn: N, depth: N, columns: N, panels: N, begin: N, end: N): void
  multiply(
    ...operands: [
      ...[a: N, aRow: N, aColumn: N, panels: N, bias: N],
      ...[c: N, rows: N, columns: N, depth: N, begin: N, end: N],
    ]
  ): void
  multiplyEach(
    ...operands: [
      ...[a: N, aStep: N, aRow: N, aColumn: N],
      ...[b: N, bStep: N, bRow: N, bColumn: N, panels: N, panelStep: N],
      ...[c: N, rows: N, columns: N, depth: N, begin: N, end: N],
    ]
  ): void
  binary(
    op: N,
    ...operands: [...[a: N, aStep: N, aRow: N], ...[b: N, bStep: N, bRow: N], ...[y: N, count: N, begin: N, end: N]]
  ): void
  unary(op: N, x: N, y: N, count: N, begin: N, end: N): void
  logarithm(x: N, y: N, begin: N, end: N): void
  sumParts(square: N, x: N, count: N, sums: N, begin: N, end: N): void
  sumRows(x: N, y: N, count: N, begin: N, end: N): void
  sumColumns(x: N, weights: N, y: N, rows: N, count: N, begin: N, end: N): void
  softmax(x: N, y: N, count: N, begin: N, end: N): void
  logSoftmax(x: N, y: N, count: N, begin: N, end: N): void
  logSumExp(x: N, y: N, count: N, begin: N, end: N): void
  logSumExpLanes(x: N, y: N, columns: N, begin: N, end: N): void
  crossEntropySlope(...operands: [...SlopeOperands, count: N, begin: N, end: N]): void
  crossEntropySlopeLanes(...operands: [...SlopeOperands, columns: N, rows: N, special: N, begin: N, end: N]): void
  sumLanes(x: N, y: N, columns: N, rows: N, begin: N, end: N): void
  dropoutMask(...operands: [y: N, count: N, seed: N, stream: N, step: N, threshold: N, keep: N, begin: N, end: N]): void
  toPanels(from: N, row: N, count: N, columns: N, to: N, begin: N, end: N): void
  fromPanels(from: N, columns: N, to: N, row: N, count: N, begin: N, end: N): void
  sparseForward(...operands: [...Matrix, x: N, columns: N, bias: N, y: N, rows: N, begin: N, end: N]): void
  sparseTransposed(...operands: [...Matrix, y: N, rows: N, x: N, columns: N, begin: N, end: N]): void
  sparseSampled(...operands: [...Matrix, y: N, rows: N, x: N, columns: N, panels: N, begin: N, end: N]): void
}

type SlopeOperands = [x: N, sums: N, slopes: N, labels: N, uniform: N, own: N, y: N]

/** A sparse matrix. */
type Matrix = [starts: N, places: N, values: N, height: N, width: N]

type WithoutRange<T> = T extends [...infer Operands extends number[], begin: N, end: N] ? Operands : never

export interface Kernels extends WholeKernels, DivisibleKernels {
  readonly kind: KernelKind
  /** Threads that work on kernels that are divided. */
  readonly threads: number
  /** Whether the memory is one that threads share: modules have to say so. */
  readonly shared: boolean
  /**
   * Does a kernel for units 0 to `units`, divided among threads where there is work enough; the result does not depend on
   * the division.
   * @param work of one unit, in multiply-adds; a number that is added or copied counts as 4, an exponential as 16
   * @throws BackendError `thread`
   */
  divide<Name extends keyof DivisibleKernels>(
    name: Name,
    units: number,
    work: number,
    ...operands: WithoutRange<Parameters<DivisibleKernels[Name]>>
  ): void
  /**
   * Makes the functions of another module known, which works on this memory and imports it as `env.memory`.
   * @returns the number of the first function that it exports; the others follow in their order
   * @throws BackendError `thread`
   */
  add(module: WasmModule): Promise<number>
  /** Like {@link divide}, for a function that was added: the last two operands are a range of units, too. */
  divideAdded(index: number, units: number, work: number, ...operands: number[]): void
  /** @throws BackendError `released`; `thread`: a thread has ended */
  check(): void
  /** Ends the threads. */
  release(): Promise<void>
}

/** How long a kernel took that may be divided. */
export interface KernelTime {
  /** Its name; `fused` for functions that the backend writes. */
  readonly name: string
  readonly milliseconds: number
  /** Of these, how long the thread that runs programs waited for the others. */
  readonly waiting: number
}

/** Constants of assembly/: numbers of a unit of rows, of a part of a sum, of a unit of a mask. */
export const UNIT = 1024
export const PART = 8192
export const DRAWN = 16

/** Units of rows of numbers. */
export const unitsOf = (rows: number, count: number) => rows * Math.ceil(count / UNIT)

/** Bytes that each thread needs for itself: assembly/dense.ts. */
const SCRATCH = 65_536

/** Which kernels: with fused multiply-adds, or without. */
export type KernelKind = keyof typeof MODULES

/**
 * A new memory and the kernels over it.
 * @param asked which kind; default: the fastest that runs here
 * @param threads at most so many; one where memory cannot be shared
 * @param onKernel told of each call
 * @throws BackendError `no-webassembly`: there is none here, or a page's policy forbids it; `out-of-memory`; `thread`
 */
export async function createKernels(
  asked?: KernelKind,
  threads = 1,
  onKernel?: (time: KernelTime) => void,
): Promise<{ memory: Memory; kernels: Kernels }> {
  const shared = threads > 1 && canShareMemory()
  const { module, kind } = await compileKernels(asked, shared)
  const engineMemory = createMemory(shared)
  const memory = new Memory(engineMemory)
  const own = await functionsOf(module, engineMemory)
  const scratch = Array.from({ length: shared ? threads : 1 }, () => memory.allocate(SCRATCH))
  const pool = shared ? await ThreadPool.start(threads, engineMemory) : undefined
  await pool?.add(module, scratch)
  const kernels = kernelsOf(kind, own, [...own.values()], engineMemory, pool, onKernel)
  kernels.useScratch(scratch[0])
  return { memory, kernels }
}

async function compileKernels(
  asked: KernelKind | undefined,
  shared: boolean,
): Promise<{ module: WasmModule; kind: KernelKind }> {
  const engine = webAssembly()
  if (!engine) throw new BackendError('no-webassembly', 'there is no WebAssembly here')
  const kinds: KernelKind[] = asked ? [asked] : ['relaxed-simd', 'simd']
  const found = kinds
    .map(kind => ({ kind, bytes: decodeBytes(MODULES[kind]) }))
    .find(({ bytes }) => engine.validate(bytes))
  if (!found) throw new BackendError('no-webassembly', `WebAssembly runs no ${kinds.join(' and no ')} here`)
  const { kind, bytes } = found
  if (shared) bytes[MEMORY_FLAGS.at] = MEMORY_FLAGS.shared
  try {
    return { module: await engine.compile(bytes), kind }
  } catch (cause) {
    throw new BackendError('no-webassembly', `WebAssembly does not run here: ${(cause as Error).message}`, { cause })
  }
}

/** Work below which a kernel is not divided: some 3 µs. */
const LEAST_WORK = 32_768
/** Work of a thread from which on it gets several parts, so that another may take what it has no time for. */
const MUCH_WORK = 16 * LEAST_WORK

/** Into how many parts a kernel is divided. */
function partsFor(units: number, work: number, threads: number): number {
  if (work < 2 * LEAST_WORK) return 1
  return Math.min(units, work < threads * MUCH_WORK ? threads : 4 * threads)
}

/** @param functions of all modules, by number */
function kernelsOf(
  kind: KernelKind,
  own: ReadonlyMap<string, WasmFunction>,
  functions: WasmFunction[],
  memory: WasmMemory,
  pool: ThreadPool | undefined,
  onKernel: ((time: KernelTime) => void) | undefined,
): Kernels {
  const numbers = new Map([...own.keys()].map((name, i) => [name, i]))
  let ended: BackendError | undefined
  const run = (index: number, units: number, work: number, operands: number[]) => {
    const parts = pool ? partsFor(units, units * work, pool.threads) : 1
    if (pool && parts > 1) pool.run(functions, index, units, parts, operands)
    else functions[index](...operands, 0, units)
  }
  const names = [...own.keys()]
  const timed: typeof run = (index, units, work, operands) => {
    const [began, waited] = [now(), pool?.waited ?? 0]
    run(index, units, work, operands)
    const waiting = (pool?.waited ?? 0) - waited
    onKernel?.({ name: names[index] ?? 'fused', milliseconds: now() - began, waiting })
  }
  const divide = onKernel ? timed : run
  const { threads = 1 } = pool ?? {}
  const shared: Omit<Kernels, keyof WholeKernels | keyof DivisibleKernels> = {
    kind,
    threads,
    shared: pool !== undefined,
    // Every name of the interface is the name of a function: assembly/index.ts.
    divide: (name, units, work, ...operands) => divide(numbers.get(name)!, units, work, operands),
    divideAdded: (index, units, work, ...operands) => divide(index, units, work, operands),
    add: async module => {
      const added = await functionsOf(module, memory)
      const first = functions.length
      functions.push(...added.values())
      await pool?.add(module)
      return first
    },
    check: () => {
      const error = ended ?? pool?.ended
      if (error) throw error
    },
    release: async () => {
      ended ??= new BackendError('released', 'the backend was released')
      await pool?.release(ended)
    },
  }
  // The same functions, with the types that assembly/ gives them.
  return { ...(Object.fromEntries(own) as unknown as WholeKernels & DivisibleKernels), ...shared }
}
