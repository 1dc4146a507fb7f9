/** Packing: a model's directory as one file that the runtime reads. */

import { UserError } from '@espalier/runtime'
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
  /** How the values of weights are written; default f32. Biases and vectors are f32 always. */
  readonly values?: ValueEncoding
  readonly quality?: PackedHeader['quality']
}

/** What a packed file is made of: a model's directory, or the same in memory. */
export type PackableModel = Pick<ModelDirectory, 'texts' | 'parameters' | 'mask'> & {
  readonly config: Pick<ModelDirectory['config'], 'model'>
}

/** Blocks to try, the largest first: the more weights share one position, the fewer bytes positions take. */
const BLOCKS = [
  [1, 16],
  [1, 8],
  [8, 1],
  [1, 4],
  [4, 1],
  [1, 2],
  [2, 1],
] as const

/**
 * The parts of a packed file, one after the other.
 * @throws UserError `not-finite`, `values`
 */
export async function packModel(model: PackableModel, options: PackOptions = {}): Promise<Uint8Array[]> {
  const { values = 'f32' } = options
  if (!Object.hasOwn(VALUE_BYTES, values))
    throw new UserError('values', `--values ${values} is not one of ${Object.keys(VALUE_BYTES).join(', ')}`)
  const texts = MODEL_TEXT_FILES.map(file => [file, model.texts.get(file)!] as const)
  const sections = [{ name: TEXT_SECTION, bytes: await writeTexts(new Map(texts)) }]
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
  const encoding = rows === 1 || columns === 1 ? 'f32' : (options.values ?? 'f32')
  const entry: TensorEntry = { name, shape, encoding, ...(block && { block }), kept: values.length }
  const { numbers, scales, codebook } = quantizeValues(values, rowStarts, encoding, options)
  const parts: Record<string, Uint8Array | undefined> = {
    positions: kept && block && encodePositions(blockMask(kept, rows, columns, block)),
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

/** The values of kept weights, row by row. @param rowStarts receives the index at which each row begins, and the end */
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

/** The largest blocks that are kept or pruned as a whole. A mask that keeps all weights fits any block. */
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

/** One byte a block. */
function blockMask(kept: Uint8Array, rows: number, columns: number, [height, width]: readonly [number, number]) {
  if (height === 1 && width === 1) return { rows, columns, kept }
  const [down, across] = [Math.ceil(rows / height), Math.ceil(columns / width)]
  const keptBlocks = Uint8Array.from({ length: down * across }, (_, i) => {
    const [row, column] = [Math.floor(i / across) * height, (i % across) * width]
    return kept[row * columns + column]
  })
  return { rows: down, columns: across, kept: keptBlocks }
}
