/** Arrays in the backend's memory. */
import type { DType } from '../../graph/tensor.ts'
import type { ArrayValue, DeviceArray, NumberArray, SparsePattern } from '../backend.ts'
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

/** A pattern in the memory; arrays that are placed with one pattern share it. */
export interface PlacedPattern {
  /** Tells it from all others, also from one that was at the same place before. */
  readonly id: number
  readonly pattern: SparsePattern
  readonly starts: number
  /** The blocks' first columns as distances in panels: 64 bytes a column. */
  readonly places: number
  /** Rows of blocks. */
  readonly rows: number
  readonly kept: number
}

interface Sharing {
  readonly placed: PlacedPattern
  users: number
}
let placements = 0
const placedPatterns = new WeakMap<Memory, Map<SparsePattern, Sharing>>()

function placePattern(memory: Memory, pattern: SparsePattern): PlacedPattern {
  const known = placedPatterns.get(memory) ?? new Map<SparsePattern, Sharing>()
  placedPatterns.set(memory, known)
  let sharing = known.get(pattern)
  if (!sharing) {
    const { block, starts, columns } = pattern
    const id = placements++
    const placed = { id, pattern, starts: memory.place(starts), places: memory.place(columns.map(c => 64 * c)) }
    const kept = columns.length * block[0] * block[1]
    sharing = { placed: { ...placed, rows: starts.length - 1, kept }, users: 0 }
    known.set(pattern, sharing)
  }
  sharing.users++
  return sharing.placed
}

function releasePattern(memory: Memory, { pattern, starts, places }: PlacedPattern): void {
  const known = placedPatterns.get(memory)
  const sharing = known?.get(pattern)
  if (!sharing || --sharing.users > 0) return
  known?.delete(pattern)
  memory.free(starts)
  memory.free(places)
}

/** An array that stays in the memory until it is released. */
export class WasmArray implements DeviceArray {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly #pointer: number
  readonly length: number
  readonly placed?: PlacedPattern
  #released = false

  constructor(
    readonly memory: Memory,
    { data, shape, pattern }: ArrayValue,
  ) {
    this.shape = shape
    this.dtype = dtypeOf(data)
    this.length = data.length
    this.#pointer = memory.place(data)
    if (pattern) this.placed = placePattern(memory, pattern)
  }

  get pattern(): SparsePattern | undefined {
    return this.placed?.pattern
  }

  /** Where the numbers are. @throws Error the array was released */
  get pointer(): number {
    if (this.#released) throw new Error('the array was released')
    return this.#pointer
  }

  /** The numbers where they are; valid until the memory grows. */
  view(): NumberArray {
    return this.memory.view(this.dtype, this.pointer, this.length)
  }

  async read(): Promise<NumberArray> {
    return this.view().slice()
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.memory.free(this.#pointer)
    if (this.placed) releasePattern(this.memory, this.placed)
  }
}
