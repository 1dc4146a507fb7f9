/** What pruning works on: classes of named tensors. It knows nothing of networks. */

export interface WeightTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}
/** Tensors that are thresholded, reported and budgeted together. */
export interface WeightClass {
  readonly name: string
  readonly tensors: readonly WeightTensor[]
}

export function countWeights(classes: readonly WeightClass[]): number {
  return classes.reduce((n, { tensors }) => n + tensors.reduce((m, { data }) => m + data.length, 0), 0)
}

/** The standard deviation of a class's weights around their mean. */
export function standardDeviation({ tensors }: WeightClass): number {
  let [n, total] = [0, 0]
  for (const { data } of tensors) {
    n += data.length
    for (let i = 0; i < data.length; i++) total += data[i]
  }
  const mean = total / n
  let squares = 0
  for (const { data } of tensors) for (let i = 0; i < data.length; i++) squares += (data[i] - mean) ** 2
  return Math.sqrt(squares / n)
}
