/** Shapes of tensors: one number an axis; a scalar has none. */

/** How many numbers a tensor of a shape has: 1 for a scalar, 0 where an axis is empty. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1)
}

/** A tensor as a matrix: its first axis, and all others as one. A vector is one row, a scalar one number. */
export function matrixShape(shape: readonly number[]): [rows: number, columns: number] {
  return shape.length < 2 ? [1, sizeOf(shape)] : [shape[0], sizeOf(shape.slice(1))]
}
