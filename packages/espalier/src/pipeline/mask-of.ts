/** The mask of a pruned model, for a network to train. */
import { UserError } from '@espalier/runtime'
import { readModel } from '../checkpoint/model-directory.ts'
import type { Parameters } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'

/** @throws UserError `no-mask` where the model is not pruned, `other-shape` where the mask does not fit the parameters */
export async function readMaskOf(directory: string, parameters: Parameters): Promise<Mask> {
  const { mask } = await readModel(directory)
  if (!mask) throw new UserError('no-mask', `${directory} is not pruned: it has no mask`)
  for (const [name, bits] of mask.kept)
    if (parameters.get(name)?.data.length !== bits.length)
      throw new UserError('other-shape', `${directory} has another shape than the network to train: ${name} differs`)
  return mask
}
