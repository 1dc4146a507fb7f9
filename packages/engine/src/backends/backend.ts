/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What a backend is: it compiles expressions to programs and runs them. Nothing here says where numbers are kept or who
 * computes them, so that a backend may keep arrays in memory of its own (WebAssembly) or on a device (WebGPU): arrays that
 * stay are placed once and read back on demand, and whatever takes time is asynchronous.
 */
import type { Tensor } from '../graph/tensor.ts'

/** Numbers of one type; `bool` is bytes of 0 and 1, `int64` big integers. */
export type NumberArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array

/**
 * The places that a sparse array [rows, columns] has numbers at: blocks, in compressed rows. Row r of blocks has those from
 * starts[r] to starts[r + 1]; columns[k] is the first column of block k. Columns of a row ascend.
 */
export interface SparsePattern {
  readonly block: readonly [rows: number, columns: number]
  readonly starts: Int32Array
  readonly columns: Int32Array
}

/** Numbers and their shape, in the memory of JavaScript. */
export interface ArrayValue {
  /** All numbers, row by row; of a sparse array those of its blocks, one block after the other. */
  readonly data: NumberArray
  readonly shape: readonly number[]
  /** Set for sparse arrays. */
  readonly pattern?: SparsePattern
}

/**
 * An array where a backend computes. Several programs of the backend may have it bound, and see what the others write.
 */
export interface DeviceArray {
  readonly shape: readonly number[]
  /** The numbers as they are now. Not to be changed: a backend may hand out its own memory or a copy. */
  read(): Promise<NumberArray>
  /** Frees the memory where it is not JavaScript's own; no program may run with the array afterwards. */
  release(): void
}

/** What to compile. */
export interface ProgramSource {
  /** Outputs by name: what {@link Program.run} returns. */
  readonly outputs: Readonly<Record<string, Tensor>>
  /**
   * New values of bound inputs, by the input's name; of the same type and shape. Every output and every update sees the
   * values from before the run.
   */
  readonly updates?: Readonly<Record<string, Tensor>>
}

export interface RunOptions {
  /** What random masks are drawn from: the same seed and step draw the same masks. */
  readonly seed?: number
  readonly step?: number
}

/** A compiled program. Arrays that stay (parameters) are bound once; the others are given at each run. */
export interface Program extends AsyncDisposable {
  /** The names of the inputs that the program needs, random masks left out. */
  readonly inputNames: readonly string[]
  /**
   * Binds an array to an input for all runs to come. An input that the program does not have is ignored, so that programs
   * of one network can be bound alike. An `ArrayValue` is placed first; to read updates, place it yourself.
   * @throws InputError an array of another type or shape than the input was traced with
   */
  bind(name: string, value: ArrayValue | DeviceArray): void
  /**
   * Runs the program. Runs of programs that share an array must not overlap where one of them updates it.
   * @param values the inputs that are not bound, by name
   * @returns the outputs by name
   * @throws InputError an input missing, unknown, or of another type or shape than traced; an update of an input that
   *   no array is bound to
   */
  run(values?: Readonly<Record<string, ArrayValue>>, options?: RunOptions): Promise<Record<string, ArrayValue>>
  /** Frees the program once its runs are done; further calls do nothing. */
  release(): Promise<void>
}

/** A way to run programs. */
export interface Backend extends AsyncDisposable {
  readonly name: string
  /** Threads that compute; absent where the backend does not know. */
  readonly threads?: number
  /** Whether sparse arrays are their kept numbers alone here, and cost as much as these; elsewhere they are whole ones. */
  readonly sparse: boolean
  /** Puts an array where the programs of this backend find it; it may go on using the very memory that it is given. */
  place(value: ArrayValue): DeviceArray
  /** Compiles expressions to a program. */
  compile(source: ProgramSource): Promise<Program>
  /**
   * Ends what the backend started: threads, a device. Release its programs before; whatever still runs is ended. Later calls
   * of the backend are refused where there is something to refuse; arrays can still be released.
   */
  release(): Promise<void>
}
