/** Tensors of packed files decoded by WebAssembly, straight into the kernels' memory. */
import type { Heap } from '../kernels/heap.ts'
import type { LoadingKernels } from '../kernels/interface.ts'
import type { CsrBuffers } from '../kernels/sparse-matrix.ts'
import { crcTables } from './crc32.ts'
import { PackedFileError } from './error.ts'
import { damagedData } from './rans.ts'
import type { TensorSections } from './reader.ts'
import { blockShape, checkCodes, checkFinite, checkKept } from './tensor.ts'
import { halfToFloat, VALUE_BYTES } from './values.ts'

/** Bytes of all gap tables, as `prepareGapTables` returns it, and of one frequency table. */
const GAP_TABLE_BYTES = 1_056_512
const TABLE_BYTES = 8192

export class WasmTensorReader {
  readonly #crcTables: number
  readonly #table: number
  #gapTables = 0

  constructor(
    readonly heap: Heap,
    readonly kernels: LoadingKernels,
  ) {
    this.#table = heap.allocate(TABLE_BYTES)
    this.#crcTables = heap.allocate(4 * 8 * 256)
    crcTables().forEach((table, i) => {
      new Uint32Array(heap.memory.buffer, this.#crcTables + 1024 * i, 256).set(table)
    })
  }

  /** CRC-32 of bytes. */
  checksum(bytes: Uint8Array): number {
    return this.#withCopy(bytes, from => this.kernels.crc32(from, bytes.length, this.#crcTables) >>> 0)
  }

  /**
   * Reads a tensor whose blocks are parts of rows, all of the buffers' width.
   * @throws PackedFileError
   */
  read(sections: TensorSections, buffers: CsrBuffers): void {
    this.#readPositions(sections, buffers)
    this.#readValues(sections, buffers.values)
  }

  #readPositions({ entry, positions }: TensorSections, { starts, indices, capacity, width }: CsrBuffers): void {
    const { rows, columns, blockColumns } = blockShape(entry)
    if (!positions) {
      const across = columns / width
      this.heap.integers(starts, rows + 1).forEach((_, row, all) => {
        all[row] = row * across
      })
      this.heap.shorts(indices, rows * across).forEach((_, i, all) => {
        all[i] = i % across
      })
      return
    }
    this.#prepareGapTables()
    const found = this.#withCopy(positions, from =>
      this.kernels.decodePositions(
        ...([from, positions.length, rows, blockColumns, starts, indices, capacity] as const),
        ...([this.#gapTables, this.#table] as const),
      ),
    )
    if (found < 0) throw new PackedFileError(`${entry.name}/positions`, damagedData().message)
    checkKept(entry, found * width)
  }

  #readValues({ entry, codebook, values }: TensorSections, out: number): void {
    const { heap } = this
    const section = `${entry.name}/values`
    const size = VALUE_BYTES[entry.encoding]
    const halves = size === 2 ? heap.allocate(2 * entry.kept) : 0
    const decoded = this.#withCopy(values, from =>
      this.kernels.decodeValues(from, values.length, halves || out, entry.kept, size, this.#table),
    )
    if (!decoded) throw new PackedFileError(section, damagedData().message)
    if (halves) {
      const from = heap.shorts(halves, entry.kept)
      const to = heap.floats(out, entry.kept)
      for (let i = 0; i < from.length; i++) to[i] = halfToFloat(from[i])
      heap.free(halves)
    }
    if (codebook) checkCodes(entry, heap.bytes(out, entry.kept), codebook)
    if (size > 1 && this.kernels.firstNotFinite(out, entry.kept) < entry.kept)
      checkFinite(heap.floats(out, entry.kept), section)
  }

  free(): void {
    for (const pointer of [this.#crcTables, this.#table, this.#gapTables]) if (pointer > 0) this.heap.free(pointer)
  }

  #prepareGapTables(): void {
    if (this.#gapTables > 0) return
    this.#gapTables = this.heap.allocate(GAP_TABLE_BYTES)
    if (this.kernels.prepareGapTables(this.#gapTables) !== GAP_TABLE_BYTES)
      throw new RangeError('the gap tables do not have the size that this program was written for')
  }

  /** Works on a copy of bytes in the kernels' memory. */
  #withCopy<T>(bytes: Uint8Array, work: (from: number) => T): T {
    const from = this.heap.allocate(bytes.length)
    try {
      this.heap.bytes(from, bytes.length).set(bytes)
      return work(from)
    } finally {
      this.heap.free(from)
    }
  }
}
