/** Makes sparse matrices in the kernels' memory of the tensors of a packed file. */
import type { Heap } from '../kernels/heap.ts'
import type { Kernels } from '../kernels/interface.ts'
import {
  allocateCsr,
  type CsrBuffers,
  isBlockWidth,
  type MatrixUse,
  matrixFromCsr,
  type SparseMatrix,
} from '../kernels/sparse-matrix.ts'
import type { TensorSections } from './reader.ts'
import { blockShape, codeTable, eachRow, floatValues, isCoded, valueBytes } from './tensor.ts'
import type { WasmTensorReader } from './wasm-reader.ts'

/** Columns of a block in memory. @returns also whether the file's blocks are stored as they are */
function blockWidth({ entry }: TensorSections): { width: number; same: boolean } {
  const { columns, block } = blockShape(entry)
  // Without positions every weight is kept, and eight of a row are a block; blocks of several rows come apart.
  const across = entry.block ? block[1] : columns >= 8 ? 8 : 1
  const wide = entry.encoding === 'int8' && across % 8 === 0
  const width = wide ? 8 : isBlockWidth(across) ? across : 1
  return { width, same: block[0] === 1 && width === across && columns % width === 0 }
}

/**
 * @param use whether the matrix is multiplied with, or rows of it are looked up
 * @param reader used where the file's blocks are stored as they are
 * @throws PackedFileError
 */
export function matrixFromSections(
  heap: Heap,
  kernels: Kernels,
  sections: TensorSections,
  { use, reader }: { use: MatrixUse; reader?: WasmTensorReader },
): SparseMatrix {
  const { entry } = sections
  const { rows, columns } = blockShape(entry)
  const { width, same } = blockWidth(sections)
  // Where blocks do not divide the columns, each row may have one more.
  const capacity = Math.floor(entry.kept / width) + (columns % width === 0 ? 0 : rows)
  const coded = isCoded(entry)
  const buffers = allocateCsr(heap, rows, { capacity, width, valueBytes: coded ? 1 : 4 })
  if (reader && same) reader.read(sections, buffers)
  else readGeneric(heap, sections, buffers)
  const code = coded ? { ...codeTable(sections), int8: entry.encoding === 'int8' } : undefined
  return matrixFromCsr(heap, kernels, buffers, { rows, columns, use, code })
}

/** Reads weight by weight: blocks of several rows come apart, narrower ones at the right border are padded with zeros. */
function readGeneric(heap: Heap, sections: TensorSections, buffers: CsrBuffers): void {
  const { entry } = sections
  const { starts, indices, values, capacity, width, valueBytes: size } = buffers
  const { rows, columns, block } = blockShape(entry)
  const bytes = size === 1 ? valueBytes(sections) : new Uint8Array(floatValues(sections).buffer)
  const rowStarts = heap.integers(starts, rows + 1)
  const index = heap.shorts(indices, capacity)
  const out = heap.bytes(values, size * capacity * width)
  if (capacity * width > entry.kept) out.fill(0)
  let stored = 0
  const store = (columnFrom: number, columnTo: number, first: number) => {
    let from = first
    for (let column = columnFrom; column < columnTo; column += width) {
      const length = size * Math.min(width, columnTo - column)
      const to = stored * width * size
      for (let i = 0; i < length; i++) out[to + i] = bytes[from + i]
      index[stored++] = column / width
      from += length
    }
  }
  rowStarts[0] = 0
  eachRow(sections, (row, blocks, count, first) => {
    let from = first * size
    if (!entry.block) store(0, columns, from)
    else
      for (let i = 0; i < count; i++) {
        const [begin, end] = [blocks[i] * block[1], Math.min(columns, (blocks[i] + 1) * block[1])]
        store(begin, end, from)
        from += size * (end - begin)
      }
    rowStarts[row + 1] = stored
  })
}
