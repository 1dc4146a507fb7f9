/** What a training needs in order to have a result, checked before it begins. */
import { UNK, UserError } from '@espalier/runtime'
import type { TrainingConfig } from '../configuration/training.ts'
import type { PairStore } from '../corpus/pair-store.ts'
import type { Parameters } from '../network/parameters.ts'
import { axisIndices } from '../pruning/finite.ts'
import { toWholeArray } from '../pruning/kept-values.ts'
import type { Mask } from '../pruning/mask.ts'
import { updatesPerEpoch } from './epoch-plan.ts'
import type { FloatArray } from './shared-arrays.ts'

/** The first number that is NaN or infinite, in words: `softmax.weight[3] is NaN`. Sparse arrays are made whole only then. */
export function describeNonFinite(parameters: ReadonlyMap<string, FloatArray>): string | undefined {
  const isNot = (value: number) => !Number.isFinite(value)
  for (const [name, array] of parameters) {
    if (!array.data.some(isNot)) continue
    const { shape, data } = toWholeArray(array)
    const at = data.findIndex(isNot)
    return `${name}[${axisIndices(at, shape).join(', ')}] is ${data[at]}`
  }
  return undefined
}

/**
 * @throws UserError `not-a-number` where a weight is NaN or infinite; `other-shape` where a mask does not fit; `nothing-to-train` where no update could have an effect
 *   or no word could be learnt
 */
export function checkTrainable(
  corpus: { readonly train: PairStore; readonly valid: PairStore },
  training: TrainingConfig,
  parameters: Parameters,
  mask: Mask | undefined,
): void {
  const nothing = (why: string) => new UserError('nothing-to-train', why)
  const found = describeNonFinite(parameters)
  if (found) throw new UserError('not-a-number', `${found}: a model with such weights cannot be trained`)
  if (corpus.train.length === 0) throw nothing('there is no sentence pair to train on')
  if (corpus.valid.length === 0) throw nothing('there is no sentence pair to validate with')
  for (const side of ['source', 'target'] as const)
    if (!hasKnownWord(corpus.train, side))
      throw nothing(
        `every ${side} word of the training text is unknown: prepare the data again with a lower --min-count`,
      )
  const updates = updatesPerEpoch(corpus.train.length, training)
  if (Math.round(training.epochs * updates) < 1)
    throw nothing(
      `training.epochs=${training.epochs} is less than one update: an epoch has ${updates}, so set at least ` +
        `training.epochs=${Number((1 / updates).toPrecision(2))}`,
    )
  for (const [name, bits] of mask?.kept ?? [])
    if (parameters.get(name)?.data.length !== bits.length)
      throw new UserError('other-shape', `the mask of ${name} has ${bits.length} weights, and does not fit the network`)
  if (mask && mask.total > 0 && mask.pruned() === mask.total)
    throw nothing('all weights are pruned, so there is nothing to train: prune a smaller fraction')
}

function hasKnownWord(store: PairStore, side: 'source' | 'target'): boolean {
  for (let i = 0; i < store.length; i++) if (store[side](i).some(id => id !== UNK)) return true
  return false
}
