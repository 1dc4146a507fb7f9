/** Counts and spread of the weights of each class. */
import type { Mask } from './mask.ts'
import { countWeights, standardDeviation, type WeightClass } from './weights.ts'

export interface ClassDescription {
  readonly name: string
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[]
  readonly weights: number
  readonly kept: number
  readonly sparsity: number
  /** Standard deviation of all the class's weights, pruned ones (zero) included. */
  readonly sigma: number
  /** Largest and smallest |w| of the kept weights. */
  readonly largestKept: number
  readonly smallestKept: number
}

/** Describes classes; without a mask every weight counts as kept. */
export function describeClasses(classes: readonly WeightClass[], mask?: Mask): ClassDescription[] {
  return classes.map(weightClass => {
    let [kept, largest, smallest] = [0, 0, Number.POSITIVE_INFINITY]
    for (const { name, data } of weightClass.tensors) {
      const unpruned = mask?.kept.get(name)
      for (let i = 0; i < data.length; i++) {
        if (unpruned && unpruned[i] === 0) continue
        const size = Math.abs(data[i])
        kept++
        if (size > largest) largest = size
        if (size < smallest) smallest = size
      }
    }
    const weights = countWeights([weightClass])
    return {
      name: weightClass.name,
      tensors: weightClass.tensors.map(({ name, shape }) => ({ name, shape })),
      weights,
      kept,
      sparsity: weights === 0 ? 0 : 1 - kept / weights,
      sigma: standardDeviation(weightClass),
      largestKept: largest,
      smallestKept: kept === 0 ? 0 : smallest,
    }
  })
}
