/** Packing: a model's directory as one file that the runtime reads. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parameterSpecs } from '@espalier/runtime/architectures'
import {
  encodePositions,
  encodeValues,
  MODEL_TEXT_FILES,
  matrixShape,
  type PackedHeader,
  sectionNames,
  TEXT_SECTION,
  type TensorEntry,
  VALUE_BYTES,
  type ValueEncoding,
  writePacked,
  writeTexts,
} from '@espalier/runtime/packed'
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import { refuseNonFinite } from '../pruning/finite.ts'
import { VERSION } from '../version.ts'
import { type CodebookOptions, quantizeValues } from './quantize.ts'

export interface PackOptions extends CodebookOptions {
  /** How weights are written; biases and vectors are f32 always. */
  readonly values: ValueEncoding
  readonly quality?: PackedHeader['quality']
}

/** Blocks that are looked for, the greatest first: the more weights under one position, the better. */
const BLOCKS = [
  [1, 16],
  [1, 8],
  [8, 1],
  [1, 4],
  [4, 1],
  [1, 2],
  [2, 1],
] as const

/** The parts of a packed file, one after the other. */
export async function packModel(model: ModelDirectory, options: PackOptions): Promise<Uint8Array[]> {
  const texts = new Map<string, string>()
  for (const file of MODEL_TEXT_FILES) texts.set(file, await readFile(join(model.directory, file), 'utf8'))
  const sections = [{ name: TEXT_SECTION, bytes: await writeTexts(texts) }]
  const tensors: TensorEntry[] = []
  for (const { name } of parameterSpecs(model.config.model)) {
    const packed = packTensor(name, model.parameters.get(name)!, model.mask?.kept.get(name), options)
    tensors.push(packed.entry)
    sections.push(...packed.sections)
  }
  return writePacked({ generator: `espalier ${VERSION}`, tensors, quality: options.quality }, sections)
}

/**
 * A tensor's description and sections.
 * @param kept one byte a weight, 1 where it is kept; absent: all are
 * @throws UserError `not-finite`, naming the place of a NaN or infinity
 */
export function packTensor(
  name: string,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array },
  kept: Uint8Array | undefined,
  options: PackOptions,
): { entry: TensorEntry; sections: { name: string; bytes: Uint8Array }[] } {
  refuseNonFinite([[name, { shape, data }]])
  const [rows, columns] = matrixShape(shape)
  const block = kept && blockOf(kept, rows, columns)
  const rowStarts = new Uint32Array(rows + 1)
  const values = keptValues(data, kept, columns, rowStarts)
  // Vectors are small; keep them f32.
  const encoding = rows === 1 || columns === 1 ? 'f32' : options.values
  const entry: TensorEntry = { name, shape, encoding, ...(block && { block }), kept: values.length }
  const { numbers, scales, codebook } = quantizeValues(values, rowStarts, encoding, options)
  const parts: Record<string, Uint8Array | undefined> = {
    positions: kept && block && encodePositions(unitsOf(kept, rows, columns, block)),
    scales,
    codebook,
    values: encodeValues(numbers, VALUE_BYTES[encoding]),
  }
  const sections = sectionNames(entry).map(section => ({
    name: section,
    bytes: parts[section.slice(name.length + 1)]!,
  }))
  return { entry, sections }
}

/** The values of kept weights, row by row. @param rowStarts is filled: where each row begins among them */
function keptValues(
  data: Float32Array,
  kept: Uint8Array | undefined,
  columns: number,
  rowStarts: Uint32Array,
): Float32Array {
  const values = new Float32Array(data.length)
  let n = 0
  for (let i = 0; i < data.length; i++) {
    if (!kept || kept[i] === 1) values[n++] = data[i]
    if ((i + 1) % columns === 0) rowStarts[(i + 1) / columns] = n
  }
  return values.slice(0, n)
}

/** The greatest blocks that are kept or gone as a whole. A mask that keeps all is one of any blocks. */
function blockOf(kept: Uint8Array, rows: number, columns: number): readonly [number, number] {
  const fits = ([height, width]: readonly [number, number]) => {
    if (height > rows || width > columns) return false
    for (let row = 0; row < rows; row++) {
      const [from, first] = [row * columns, (row - (row % height)) * columns]
      for (let column = 0; column < columns; column++)
        if (kept[from + column] !== kept[first + column - (column % width)]) return false
    }
    return true
  }
  return BLOCKS.find(fits) ?? [1, 1]
}

function unitsOf(kept: Uint8Array, rows: number, columns: number, [height, width]: readonly [number, number]) {
  if (height === 1 && width === 1) return { rows, columns, kept }
  const [down, across] = [Math.ceil(rows / height), Math.ceil(columns / width)]
  const units = Uint8Array.from({ length: down * across }, (_, i) => {
    const [row, column] = [Math.floor(i / across) * height, (i % across) * width]
    return kept[row * columns + column]
  })
  return { rows: down, columns: across, kept: units }
}
