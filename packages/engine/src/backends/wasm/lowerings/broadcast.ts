/** Broadcasting: how operands of fewer or smaller axes are walked along with the result. */

/** Axes of a result, and for each operand how many numbers lie between neighbours along each axis (0: repeated). */
export interface Walk {
  readonly sizes: readonly number[]
  readonly strides: readonly (readonly number[])[]
}

/** The walk of operands over a result's shape, neighbouring axes joined where every operand allows it. */
export function walk(shape: readonly number[], operands: readonly (readonly number[])[]): Walk {
  const sizes: number[] = []
  const strides: number[][] = operands.map(() => [])
  const full = operands.map(operand => contiguous(operand, shape.length))
  shape.forEach((size, axis) => {
    if (size === 1) return
    const last = sizes.length - 1
    if (last >= 0 && full.every((own, i) => strides[i][last] === own[axis] * size)) {
      sizes[last] *= size
      strides.forEach((own, i) => {
        own[last] = full[i][axis]
      })
    } else {
      sizes.push(size)
      strides.forEach((own, i) => {
        own.push(full[i][axis])
      })
    }
  })
  return sizes.length > 0 ? { sizes, strides } : { sizes: [1], strides: operands.map(() => [0]) }
}

/** The strides of an array whose axes are the last of `rank`; 0 along axes of size 1. */
export function contiguous(shape: readonly number[], rank: number): number[] {
  const strides: number[] = Array(rank).fill(0)
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[rank - shape.length + i] = shape[i] === 1 ? 0 : stride
    stride *= shape[i]
  }
  return strides
}

/**
 * Calls `visit` with the operands' offsets for each place of all axes but the last `inner`, in the result's order.
 * @param inner how many of the last axes `visit` walks by itself
 */
export function forEachPlace({ sizes, strides }: Walk, inner: number, visit: (offsets: number[]) => void): void {
  const outer = Math.max(0, sizes.length - inner)
  const offsets: number[] = strides.map(() => 0)
  const step = (axis: number) => {
    if (axis === outer) {
      visit(offsets)
      return
    }
    for (let i = 0; i < sizes[axis]; i++) {
      step(axis + 1)
      for (let k = 0; k < offsets.length; k++) offsets[k] += strides[k][axis]
    }
    for (let k = 0; k < offsets.length; k++) offsets[k] -= strides[k][axis] * sizes[axis]
  }
  step(0)
}
