/** Arrays against the inputs they are for: types, shapes, named dimensions, random masks. Every backend needs these. */
import { InputError } from '../errors.ts'
import type { InputAttributes } from '../graph/operators/source.ts'
import { Random } from '../graph/random.ts'
import type { DType, Shape, SparseType, TensorType } from '../graph/tensor.ts'
import type { ArrayValue, NumberArray, RunOptions, SparsePattern } from './backend.ts'

const ARRAY_TYPE = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} satisfies Record<DType, unknown>

/** Numbers as an array of a type's own class. */
export function arrayOf(dtype: DType, values: readonly number[]): NumberArray {
  return dtype === 'int64' ? BigInt64Array.from(values, BigInt) : ARRAY_TYPE[dtype].from(values)
}

/** How many numbers an array of this shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}

/**
 * Checks an array against what an input was traced with, and learns the sizes of named dimensions.
 * @param sizes sizes known so far; those of this input are added
 * @throws InputError another type, another number of axes, or a dimension that differs
 */
export function checkArray(
  name: string,
  input: TensorType,
  { data, shape, pattern }: ArrayValue,
  sizes: Map<string, number> = new Map(),
): void {
  const fail = (what: string): never => {
    throw new InputError(`input ${name}: [${shape}] does not fit [${input.shape.join(', ')}]: ${what}`)
  }
  if (!(data instanceof ARRAY_TYPE[input.dtype]))
    fail(`it takes a ${ARRAY_TYPE[input.dtype].name}, not a ${data.constructor.name}`)
  if (shape.length !== input.shape.length) fail('another number of axes')
  if (pattern && !input.sparse) fail('it takes no sparse array')
  if (input.sparse)
    checkPattern(
      input.sparse,
      shape,
      pattern ?? fail(`it takes a sparse array of pattern ${input.sparse.pattern}`),
      fail,
    )
  const size = pattern ? pattern.columns.length * sizeOf(pattern.block) : sizeOf(shape)
  if (size !== data.length) fail(`${data.length} numbers given`)
  shape.forEach((size, axis) => {
    const dim = input.shape[axis]
    const known = typeof dim === 'number' ? dim : sizes.get(dim)
    if (known !== undefined && known !== size) fail(`axis ${axis} is ${size}, ${dim} is ${known}`)
    if (typeof dim === 'string') sizes.set(dim, size)
  })
}

function checkPattern(
  { block }: SparseType,
  [rows, columns]: readonly number[],
  pattern: SparsePattern,
  fail: (what: string) => never,
): void {
  const { starts, columns: places } = pattern
  const [height, width] = pattern.block
  if (height !== block[0] || width !== block[1]) fail(`its blocks are ${height} × ${width}, not ${block.join(' × ')}`)
  if (starts.length !== rows / height + 1 || starts[0] !== 0 || starts[starts.length - 1] !== places.length)
    fail('the starts of its rows are not those of its blocks')
  for (let r = 0; r + 1 < starts.length; r++) {
    if (starts[r + 1] < starts[r]) fail(`row ${r} ends before it starts`)
    for (let k = starts[r]; k < starts[r + 1]; k++)
      if (places[k] % width !== 0 || places[k] < (k > starts[r] ? places[k - 1] + width : 0) || places[k] >= columns)
        fail(`block ${k} begins at column ${places[k]}`)
  }
}

/**
 * Checks that arrays of a pattern have the very same one.
 * @throws InputError there is none, or two differ
 */
export function checkOnePattern(name: string, arrays: readonly { readonly pattern?: SparsePattern }[]): SparsePattern {
  const first = arrays[0]?.pattern
  if (!first) throw new InputError(`no array of pattern ${name} is bound`)
  const equal = (a: Int32Array, b: Int32Array) => a.length === b.length && a.every((value, i) => value === b[i])
  for (const { pattern } of arrays)
    if (pattern && pattern !== first && !(equal(pattern.starts, first.starts) && equal(pattern.columns, first.columns)))
      throw new InputError(`arrays of pattern ${name} differ in their places`)
  return first
}

/** Where each number of a sparse array is in the whole array. */
export function keptPlaces({ block: [height, width], starts, columns }: SparsePattern, rowLength: number): Int32Array {
  const places = new Int32Array(columns.length * height * width)
  let at = 0
  for (let r = 0; r + 1 < starts.length; r++)
    for (let k = starts[r]; k < starts[r + 1]; k++)
      for (let h = 0; h < height; h++)
        for (let w = 0; w < width; w++) places[at++] = (r * height + h) * rowLength + columns[k] + w
  return places
}

/** Draws the random masks of a program; their memory is used again at each run. */
export class MaskDrawer {
  readonly #stores = new Map<string, Float32Array | Float64Array>()

  /** The mask of a random input, drawn from (seed, stream, step). @param sizes sizes of named dimensions */
  draw(
    { name, dtype, shape: dims }: InputAttributes,
    { rate, stream }: { rate: number; stream: number },
    sizes: ReadonlyMap<string, number>,
    { seed = 0, step = 0 }: RunOptions,
  ): ArrayValue {
    const shape = knownShape(name, dims, sizes)
    const size = sizeOf(shape)
    let store = this.#stores.get(name)
    if (!store || store.length < size) {
      store = dtype === 'float64' ? new Float64Array(size) : new Float32Array(size)
      this.#stores.set(name, store)
    }
    const data = store.subarray(0, size)
    new Random(seed, stream, step).fillDropout(data, rate)
    return { data, shape }
  }
}

function knownShape(name: string, shape: Shape, sizes: ReadonlyMap<string, number>): number[] {
  return shape.map(dim => {
    const size = typeof dim === 'number' ? dim : sizes.get(dim)
    if (size === undefined) throw new InputError(`no input says how large the dimension ${dim} of ${name} is`)
    return size
  })
}
