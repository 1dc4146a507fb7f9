/** Arrays in the backend's memory. */
import type { DType } from '../../graph/tensor.ts'
import type { ArrayValue, DeviceArray, NumberArray } from '../backend.ts'
import type { Memory } from './memory.ts'

const dtypeOf = (data: NumberArray): DType =>
  data instanceof Float32Array
    ? 'float32'
    : data instanceof Float64Array
      ? 'float64'
      : data instanceof Int32Array
        ? 'int32'
        : data instanceof BigInt64Array
          ? 'int64'
          : 'bool'

/** An array that stays in the memory until it is released. */
export class WasmArray implements DeviceArray {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly pointer: number
  readonly length: number
  #released = false

  constructor(
    readonly memory: Memory,
    { data, shape }: ArrayValue,
  ) {
    this.shape = shape
    this.dtype = dtypeOf(data)
    this.length = data.length
    this.pointer = memory.place(data)
  }

  /** The numbers where they are; valid until the memory grows. */
  view(): NumberArray {
    if (this.#released) throw new Error('the array was released')
    return this.memory.view(this.dtype, this.pointer, this.length)
  }

  async read(): Promise<NumberArray> {
    return this.view().slice()
  }

  release(): void {
    if (!this.#released) this.memory.free(this.pointer)
    this.#released = true
  }
}
