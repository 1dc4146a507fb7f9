/** Arrays that several programs share, where their backend computes: placed once, read back on demand. */
import type { ArrayValue, Backend, DeviceArray, Program, SparsePattern } from '@espalier/engine'

/** Numbers with their shape; of a sparse array the kept values alone. */
export interface FloatArray<T extends Float32Array | Float64Array = Float32Array> extends ArrayValue {
  readonly data: T
}

export class SharedArrays {
  readonly #backend: Backend
  readonly #programs: Program[]
  readonly #arrays = new Map<string, { readonly placed: DeviceArray; readonly pattern?: SparsePattern }>()

  /** @param programs that see the arrays; each takes those that it has inputs for */
  constructor(backend: Backend, programs: readonly Program[]) {
    this.#backend = backend
    this.#programs = [...programs]
  }

  /** Lets a further program see the arrays. */
  attach(program: Program): void {
    for (const [name, { placed }] of this.#arrays) program.bind(name, placed)
    this.#programs.push(program)
  }

  /** Sets the numbers of an array. @param value the backend may go on using its memory */
  set(name: string, value: ArrayValue): void {
    const before = this.#arrays.get(name)
    const placed = this.#backend.place(value)
    for (const program of this.#programs) program.bind(name, placed)
    this.#arrays.set(name, { placed, pattern: value.pattern })
    before?.placed.release()
  }

  /** The numbers of an array as they are now. To change them, change what is read and set it again. */
  async read<T extends Float32Array | Float64Array = Float32Array>(name: string): Promise<FloatArray<T>> {
    const array = this.#arrays.get(name)
    if (!array) throw new RangeError(`there is no array ${name}`)
    const { placed, pattern } = array
    // The type is that of the array that was set, which the caller knows.
    return { shape: placed.shape, data: (await placed.read()) as T, pattern }
  }

  /** Frees the arrays; no program may run with them afterwards. */
  release(): void {
    for (const { placed } of this.#arrays.values()) placed.release()
    this.#arrays.clear()
  }
}
