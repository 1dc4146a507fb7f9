/** Names of weight classes and matrices, as all figures write them. */

/** `source layer 1` of `source-layer-1`. */
export const className = (name: string) => name.replace(/-/gu, ' ')

/** `source layer 1, recurrent` of `encoder.weight_hh_l0`; what is called otherwise keeps its name. */
export function matrixName(tensor: string): string {
  const embedding = tensor.match(/^(source|target)[_.-]embedding/u)
  if (embedding) return `${embedding[1]} embedding`
  const layer = tensor.match(/^(encoder|decoder)\.weight_(ih|hh)_l(\d+)(_reverse)?$/u)
  if (!layer) return tensor
  const [, stack, half, index, reverse] = layer
  return `${stack === 'encoder' ? 'source' : 'target'} layer ${Number(index) + 1}${reverse ? ' backward' : ''}, ${half === 'ih' ? 'input' : 'recurrent'}`
}
