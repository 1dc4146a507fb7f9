/** Weights have to be finite: a NaN can neither be ordered nor trained, packed or translated with. */
import { UserError } from '@espalier/runtime'

export interface NumericTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array
}

/**
 * Refuses NaN and infinity.
 * @param origin what the tensors belong to, such as a file, for the message
 * @throws UserError `not-finite`, naming the tensor and the place along each axis
 */
export function refuseNonFinite(parameters: Iterable<readonly [string, NumericTensor]>, origin?: string): void {
  for (const [name, { shape, data }] of parameters) {
    if (allFinite(data)) continue
    const index = data.findIndex(value => !Number.isFinite(value))
    const place = shape.length === 0 ? '' : `[${axisIndices(index, shape).join(', ')}]`
    throw new UserError(
      'not-finite',
      `${origin === undefined ? '' : `${origin}: `}${name}${place} is ${data[index]}; ` +
        'numbers have to be finite: a model that diverged in training cannot be used, go back to an earlier one',
    )
  }
}

/** @param index of a number in a tensor, in row-major order @returns its index along each axis */
export function axisIndices(index: number, shape: readonly number[]): number[] {
  const indices: number[] = []
  let rest = index
  for (const length of shape.toReversed()) {
    indices.unshift(rest % length)
    rest = Math.floor(rest / length)
  }
  return indices
}

/** Of floats the sum in 64 bits is finite where all are; NaN and infinity stay in it. */
function allFinite(data: Float32Array | Float64Array): boolean {
  if (data instanceof Float64Array) return data.every(Number.isFinite)
  let [a, b, c, d] = [0, 0, 0, 0]
  const whole = data.length - (data.length % 4)
  for (let i = 0; i < whole; i += 4) {
    a += data[i]
    b += data[i + 1]
    c += data[i + 2]
    d += data[i + 3]
  }
  for (let i = whole; i < data.length; i++) a += data[i]
  return Number.isFinite(a + b + c + d)
}
