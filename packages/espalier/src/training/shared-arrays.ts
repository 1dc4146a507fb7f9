/** Arrays that several programs share, where their backend computes: placed once, read back on demand. */
import type { ArrayValue, Backend, DeviceArray, NumberArray, Program } from '@espalier/engine'

export class SharedArrays {
  readonly #backend: Backend
  readonly #programs: Program[]
  readonly #arrays = new Map<string, DeviceArray>()

  /** @param programs that see the arrays; each takes those that it has inputs for */
  constructor(backend: Backend, programs: readonly Program[]) {
    this.#backend = backend
    this.#programs = [...programs]
  }

  /** Lets a further program see the arrays. */
  attach(program: Program): void {
    for (const [name, array] of this.#arrays) program.bind(name, array)
    this.#programs.push(program)
  }

  /** Sets the numbers of an array. @param value the backend may go on using its memory */
  set(name: string, value: ArrayValue): void {
    const before = this.#arrays.get(name)
    const placed = this.#backend.place(value)
    for (const program of this.#programs) program.bind(name, placed)
    this.#arrays.set(name, placed)
    before?.release()
  }

  /** The numbers of an array as they are now. To change them, change what is read and set it again. */
  async read<T extends NumberArray = Float32Array>(
    name: string,
  ): Promise<{ readonly shape: readonly number[]; readonly data: T }> {
    const array = this.#arrays.get(name)
    if (!array) throw new RangeError(`there is no array ${name}`)
    // The type is that of the array that was set, which the caller knows.
    return { shape: array.shape, data: (await array.read()) as T }
  }

  /** Frees the arrays; no program may run with them afterwards. */
  release(): void {
    for (const array of this.#arrays.values()) array.release()
    this.#arrays.clear()
  }
}
