/**
 * Pruned weights as kept values alone: which blocks a mask is made of, where they are, and the way from a whole array to its
 * kept values and back. Pure: arrays in, arrays out.
 */
import type { ArrayValue, SparsePattern } from '@espalier/engine'

/** Rows and columns of a block. */
type BlockSize = SparsePattern['block']

/** Blocks that sparse products are fast with, the largest first. */
const BLOCKS: readonly BlockSize[] = [
  [1, 8],
  [1, 4],
  [4, 1],
]

/**
 * The largest of the blocks 1×8, 1×4 and 4×1 of which a mask is made: each is kept or pruned as a whole. Blocks larger than
 * these are several of them; of all others, 1×1, single weights.
 * @param kept one byte a weight
 * @param shape rows and columns
 */
export function blockOf(kept: Uint8Array, [rows, columns]: readonly number[]): BlockSize {
  return BLOCKS.find(block => isMadeOf(kept, rows, columns, block)) ?? [1, 1]
}

function isMadeOf(kept: Uint8Array, rows: number, columns: number, [height, width]: BlockSize): boolean {
  if (rows % height !== 0 || columns % width !== 0) return false
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const first = (row - (row % height)) * columns + column - (column % width)
      if (kept[row * columns + column] !== kept[first]) return false
    }
  return true
}

/**
 * Where a mask keeps weights.
 * @param kept one byte a weight
 * @param shape rows and columns, whole blocks of them
 * @param block of which the mask is made; default: {@link blockOf}
 */
export function patternOf(kept: Uint8Array, shape: readonly number[], block = blockOf(kept, shape)): SparsePattern {
  const [rows, columns] = shape
  const [height, width] = block
  const starts = new Int32Array(rows / height + 1)
  let count = 0
  for (let r = 0; r < rows / height; r++) {
    for (let column = 0; column < columns; column += width) count += kept[r * height * columns + column]
    starts[r + 1] = count
  }
  const places = new Int32Array(count)
  let at = 0
  for (let row = 0; row < rows; row += height)
    for (let column = 0; column < columns; column += width)
      if (kept[row * columns + column] === 1) places[at++] = column
  return { block, starts, columns: places }
}

/** How many weights a pattern keeps. */
export function keptCount({ block, columns }: SparsePattern): number {
  return columns.length * block[0] * block[1]
}

/** Calls `visit` with the place in the whole array of each kept value, in their order. */
function forEachPlace(pattern: SparsePattern, columns: number, visit: (place: number, at: number) => void): void {
  const [height, width] = pattern.block
  let at = 0
  for (let r = 0; r + 1 < pattern.starts.length; r++)
    for (let k = pattern.starts[r]; k < pattern.starts[r + 1]; k++)
      for (let h = 0; h < height; h++) {
        const place = (r * height + h) * columns + pattern.columns[k]
        for (let w = 0; w < width; w++) visit(place + w, at++)
      }
}

/** The kept values of a whole array [rows, columns], one block after the other, with their pattern. */
export function toKeptValues<T extends Float32Array | Float64Array>(
  { shape, data }: { readonly shape: readonly number[]; readonly data: T },
  pattern: SparsePattern,
): { shape: readonly number[]; data: T; pattern: SparsePattern } {
  // An array of the same class: slice makes one, of as many numbers as are asked for.
  const values = data.slice(0, keptCount(pattern)) as T
  forEachPlace(pattern, shape[1], (place, at) => {
    values[at] = data[place]
  })
  return { shape, data: values, pattern }
}

/** The whole array of kept values, with zeros; an array without a pattern is whole already. */
export function toWholeArray<T extends ArrayValue>({
  shape,
  data,
  pattern,
}: T): { shape: T['shape']; data: T['data'] } {
  if (!pattern) return { shape, data }
  const size = shape.reduce((a, b) => a * b, 1)
  const whole = new (data.constructor as new (size: number) => T['data'])(size)
  forEachPlace(pattern, shape[1], (place, at) => {
    whole[place] = data[at]
  })
  return { shape, data: whole }
}

/** The mask of a pattern, one byte a weight. @param shape rows and columns */
export function maskOfPattern(pattern: SparsePattern, shape: readonly number[]): Uint8Array {
  const kept = new Uint8Array(shape[0] * shape[1])
  forEachPlace(pattern, shape[1], place => {
    kept[place] = 1
  })
  return kept
}
