/** The weights that pruning works on: classes of named tensors. This folder knows nothing of networks. */
import { UserError } from '@espalier/runtime'

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

/** How many weights classes have together. */
export function countWeights(classes: readonly WeightClass[]): number {
  return classes.reduce((n, { tensors }) => n + tensors.reduce((m, { data }) => m + data.length, 0), 0)
}

/** The standard deviation of a class's weights around their mean; 0 for a class without weights. */
export function standardDeviation({ tensors }: WeightClass): number {
  let [n, total] = [0, 0]
  for (const { data } of tensors) {
    n += data.length
    for (let i = 0; i < data.length; i++) total += data[i]
  }
  if (n === 0) return 0
  const mean = total / n
  let squares = 0
  for (const { data } of tensors) for (let i = 0; i < data.length; i++) squares += (data[i] - mean) ** 2
  return Math.sqrt(squares / n)
}

/** The classes that are named, or all but those. @throws UserError `class` where a name is unknown or no class is left */
export function selectClasses(
  classes: readonly WeightClass[],
  { only, except = [] }: { readonly only?: readonly string[]; readonly except?: readonly string[] },
): WeightClass[] {
  const names = classes.map(({ name }) => name)
  for (const name of [...(only ?? []), ...except])
    if (!names.includes(name))
      throw new UserError('class', `there is no weight class ${name}; there are ${names.join(', ')}`)
  const chosen = classes.filter(({ name }) => (only?.includes(name) ?? true) && !except.includes(name))
  if (chosen.length === 0) throw new UserError('class', 'no weight class is left to prune')
  return chosen
}
