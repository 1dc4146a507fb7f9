/** The small dense network that has as many weights as a large one keeps when it is pruned. */
import { parameterSpecs } from '@espalier/runtime/architectures'
import { sizeOf } from '@espalier/runtime/packed'
import { type NetworkOptions, networkConfig } from '../../configuration/network.ts'

/** Words that a model knows. */
export interface VocabularySizes {
  readonly source: number
  readonly target: number
}

export interface SmallNetwork {
  readonly model: NetworkOptions
  /** Its weights, as far as they are prunable: what is compared with those that a pruned network keeps. */
  readonly weights: number
}

/** Weights of a network that pruning may take: all but biases. */
export function prunableWeights(model: NetworkOptions, vocabularies: VocabularySizes): number {
  const specs = parameterSpecs(networkConfig(model, vocabularies))
  return specs.reduce((n, { shape, weightClass }) => n + (weightClass === undefined ? 0 : sizeOf(shape)), 0)
}

/**
 * A network that differs from another in its width alone: so many units, and embeddings in proportion, that the number of its
 * prunable weights is as near as can be to the number asked for.
 * @param large the network that is pruned @param kept weights that it keeps
 */
export function smallNetwork(large: NetworkOptions, vocabularies: VocabularySizes, kept: number): SmallNetwork {
  // An encoder of two directions has half of the units in each.
  const step = large.bidirectional ? 2 : 1
  const ofWidth = (hidden: number): SmallNetwork => {
    const embedding =
      large.embedding === undefined ? undefined : Math.max(1, Math.round((large.embedding * hidden) / large.hidden))
    const model = { ...large, hidden, embedding }
    return { model, weights: prunableWeights(model, vocabularies) }
  }
  // More units have more weights: the first width that has as many as are kept is found by halving.
  let [low, high] = [1, Math.max(1, Math.floor(large.hidden / step))]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ofWidth(middle * step).weights < kept) low = middle + 1
    else high = middle
  }
  const [above, below] = [ofWidth(low * step), ofWidth(Math.max(1, low - 1) * step)]
  return kept - below.weights < above.weights - kept ? below : above
}
