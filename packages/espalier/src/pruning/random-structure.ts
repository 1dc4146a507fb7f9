/** Random places with the densities of a mask: whether it matters which weights are kept, or only how many. */
import { Mask } from './mask.ts'
import { prune } from './prune.ts'

/**
 * A mask that keeps as many weights of each tensor as another, at random places.
 * @param tensors those that the mask covers, of its shapes
 * @param seed as that of random pruning
 */
export function randomStructure(
  mask: Mask,
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
  seed: number,
): Mask {
  const kept = [...mask.kept].map(([name, bits]): [string, Uint8Array] => {
    const fraction = mask.pruned(name) / bits.length
    const tensor = tensors.get(name)
    // Nothing is chosen where all or nothing is pruned; random pruning would refuse a fraction of 1.
    if (!tensor || !(fraction > 0 && fraction < 1)) return [name, bits]
    const { shape, data } = tensor
    const chosen = prune([{ name, tensors: [{ name, shape, data }] }], { scheme: 'random', fraction, seed })
    return [name, chosen.kept.get(name) ?? bits]
  })
  return new Mask(new Map(kept))
}
