/** Packed files read by the kernels: into their own memory, without a detour. */
import type { Heap } from '../kernels/heap.ts'
import type { Decoders } from '../kernels/kernels.ts'
import { crcTables } from '../packed/checksum.ts'
import { PackedFileError, type TensorSections } from '../packed/format.ts'
import { blockShape, checkCodes } from '../packed/tensor.ts'
import { halfToFloat, VALUE_BYTES } from '../packed/values.ts'
import type { RowRoom } from './matrix.ts'

/** What the models of gaps take, as `prepareGaps` says, and what one model does at most. */
const GAPS = 1_056_512
const MODEL = 8192

/** Rows that are sorted together: what a product writes out of order stays within the nearest cache. */
const WINDOW = 512

export class FastDecoder {
  readonly #tables: number
  readonly #model: number
  #gaps = 0

  constructor(
    readonly heap: Heap,
    readonly decoders: Decoders,
  ) {
    this.#model = heap.allocate(MODEL)
    this.#tables = heap.allocate(4 * 8 * 256)
    crcTables().forEach((table, i) => {
      new Uint32Array(heap.memory.buffer, this.#tables + 1024 * i, 256).set(table)
    })
  }

  /** CRC-32 of bytes. */
  checksum(bytes: Uint8Array): number {
    return this.#staged(bytes, at => this.decoders.checksum(at, bytes.length, this.#tables) >>> 0)
  }

  /**
   * Reads a tensor whose blocks are parts of rows, none of them a smaller one.
   * @throws PackedFileError
   */
  read({ entry, positions, codebook, values }: TensorSections, room: RowRoom): void {
    const { heap } = this
    const damaged = (part: string) => new PackedFileError(`${entry.name}/${part}`, 'it is damaged')
    const { rows, unitColumns } = blockShape(entry)
    if (positions) {
      this.#prepareGaps()
      const found = this.#staged(positions, at =>
        this.decoders.decodePositions(
          ...([at, positions.length, rows, unitColumns, room.starts, room.indices, room.most] as const),
          ...([this.#gaps, this.#model] as const),
        ),
      )
      if (found * room.width !== entry.kept) throw damaged('positions')
    } else {
      const across = entry.kept / rows / room.width
      heap.integers(room.starts, rows + 1).forEach((_, row, starts) => {
        starts[row] = row * across
      })
      heap.shorts(room.indices, rows * across).forEach((_, i, indices) => {
        indices[i] = i % across
      })
    }
    const size = VALUE_BYTES[entry.encoding]
    const halves = size === 2 ? heap.allocate(2 * entry.kept) : 0
    const out = halves || room.values
    const whole = this.#staged(values, at =>
      this.decoders.decodeValues(at, values.length, out, entry.kept, size, this.#model),
    )
    if (!whole) throw damaged('values')
    if (halves) {
      const from = heap.shorts(halves, entry.kept)
      const to = heap.floats(room.values, entry.kept)
      for (let i = 0; i < from.length; i++) to[i] = halfToFloat(from[i])
      heap.free(halves)
    }
    if (codebook) checkCodes(entry, heap.bytes(room.values, entry.kept), codebook)
    if (size > 1 && !this.decoders.allFinite(room.values, entry.kept))
      throw new PackedFileError(`${entry.name}/values`, 'one of its numbers is not finite')
  }

  /**
   * Puts rows of equally many blocks next to each other, for products.
   * @param order where it is written which row each became @param columns blocks that a row can have
   * @param size bytes of a block's values
   */
  sort(order: number, rows: number, columns: number, size: number, { starts, indices, values }: RowRoom): void {
    const { heap } = this
    const offsets = heap.integers(starts, rows + 1)
    let most = 0
    for (let r = 0; r < rows; r += WINDOW) most = Math.max(most, offsets[Math.min(rows, r + WINDOW)] - offsets[r])
    const room = heap.allocate(most * (size + 2) + 4 * (columns + WINDOW) + 64)
    this.decoders.sortRows(starts, order, indices, values, size, rows, WINDOW, columns, room)
    heap.free(room)
  }

  free(): void {
    for (const at of [this.#tables, this.#model, this.#gaps]) if (at > 0) this.heap.free(at)
  }

  #prepareGaps(): void {
    if (this.#gaps > 0) return
    this.#gaps = this.heap.allocate(GAPS)
    if (this.decoders.prepareGaps(this.#gaps) !== GAPS) throw new RangeError('the models of gaps are not as they were')
  }

  /** Works on a copy of bytes in the kernels' memory. */
  #staged<T>(bytes: Uint8Array, work: (at: number) => T): T {
    const at = this.heap.allocate(bytes.length)
    try {
      this.heap.bytes(at, bytes.length).set(bytes)
      return work(at)
    } finally {
      this.heap.free(at)
    }
  }
}
