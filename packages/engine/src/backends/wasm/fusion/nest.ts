/** How arrays are walked together: a nest of three loops with strides for each array, and what lies around it. */

/** Where an array's numbers are, along the axes of a region's result. */
export interface Strided {
  /** Bytes from the array's pointer to the first number. */
  readonly offset: number
  /** Bytes between neighbours along each axis; 0 where a number is repeated. */
  readonly strides: readonly number[]
}

export interface Nest {
  readonly outer: number
  readonly middle: number
  readonly inner: number
  /** Numbers in all inner rows where there is no middle loop: the last may be shorter. */
  readonly total: number
  /** Bytes between neighbours of the outer and the middle loop, for each array. */
  readonly strides: readonly (readonly [outer: number, middle: number])[]
  /** For each run of the nest, what to add to the arrays' pointers. */
  readonly places: readonly (readonly number[])[]
}

/** Numbers of one piece of an array that is one row. */
const PIECE = 2048
const UNLIMITED = 2 ** 31 - 1

interface Axis {
  size: number
  readonly strides: readonly number[]
}

/**
 * @param shape of the result, none of it 0
 * @param last the axis whose neighbours the inner loop takes: those behind it have size 1
 */
export function nestOf(shape: readonly number[], last: number, arrays: readonly Strided[]): Nest {
  const axisAt = (axis: number): Axis => ({
    size: shape[axis] ?? 1,
    strides: arrays.map(({ strides }) => strides[axis] ?? 0),
  })
  const axes = [axisAt(last)]
  for (let at = last - 1; at >= 0; at--) {
    if (shape[at] === 1) continue
    const axis = axisAt(at)
    const inside = axes[axes.length - 1]
    if (axis.strides.every((stride, i) => stride === inside.strides[i] * inside.size)) inside.size *= axis.size
    else axes.push(axis)
  }
  const [inner, ...loops] = axes
  if (loops.length === 0) {
    return {
      outer: Math.ceil(inner.size / PIECE),
      middle: 1,
      inner: PIECE,
      total: inner.size,
      strides: inner.strides.map(stride => [PIECE * stride, 0]),
      places: [arrays.map(() => 0)],
    }
  }
  const none: Axis = { size: 1, strides: arrays.map(() => 0) }
  const [middle, outer] = loops.length === 1 ? [none, loops[0]] : loops
  return {
    outer: outer.size,
    middle: middle.size,
    inner: inner.size,
    total: UNLIMITED,
    strides: arrays.map((_, i) => [outer.strides[i], middle.strides[i]]),
    places: placesOf(loops.slice(2), arrays.length),
  }
}

/** All places of some axes, as offsets for each array. */
function placesOf(axes: readonly Axis[], arrays: number): number[][] {
  let places: number[][] = [Array(arrays).fill(0)]
  for (const { size, strides } of axes)
    places = Array.from({ length: size }, (_, at) => at).flatMap(at =>
      places.map(offsets => offsets.map((offset, i) => offset + at * strides[i])),
    )
  return places
}
