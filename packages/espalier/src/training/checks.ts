/** What a training needs in order to have a result, checked before it begins. */
import { UNK, UserError } from '@espalier/runtime'
import type { TrainingConfig } from '../configuration/training.ts'
import type { PairStore } from '../corpus/pair-store.ts'
import type { Parameters } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'
import { updatesPerEpoch } from './epoch-plan.ts'

/** The first number that is NaN or infinite, in words: `softmax.weight[3] is NaN`. */
export function describeNonFinite(parameters: Parameters): string | undefined {
  for (const [name, { shape, data }] of parameters)
    for (let i = 0; i < data.length; i++)
      if (!Number.isFinite(data[i])) return `${name}[${indices(i, shape).join(', ')}] is ${data[i]}`
  return undefined
}

/** The place of element `i` in a tensor. */
function indices(i: number, shape: readonly number[]): number[] {
  let rest = i
  return [...shape]
    .reverse()
    .map(size => {
      const index = rest % size
      rest = (rest - index) / size
      return index
    })
    .reverse()
}

/**
 * @throws UserError `not-a-number` where a weight is NaN or infinite; `nothing-to-train` where no update could have an effect
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
  if (mask && mask.total > 0 && mask.pruned() === mask.total)
    throw nothing('all weights are pruned, so there is nothing to train: prune a smaller fraction')
}

function hasKnownWord(store: PairStore, side: 'source' | 'target'): boolean {
  for (let i = 0; i < store.length; i++) if (store[side](i).some(id => id !== UNK)) return true
  return false
}
