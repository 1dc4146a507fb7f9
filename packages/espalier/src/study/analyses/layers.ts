/**
 * What each recurrent layer loses when it is pruned alone: to the same fraction as the others, to the same magnitude as the
 * others, and gate by gate; with what tells depth from magnitude: the largest weight taken, and the norm of all that is taken.
 */
import { type Mask, prune, type WeightClass, wholeMask } from '../../pruning/index.ts'
import { Interrupted } from '../../store/model-store.ts'
import type { LayerLosses, LayerPoint } from '../layer-results.ts'
import type { AnalysisContext } from './context.ts'
import { type RecurrentLayer, recurrentLayers } from './recurrent-layers.ts'

/** Some weights to prune alone, before it is known what that costs. */
interface Trial {
  readonly point: Pick<LayerPoint, 'layer' | 'stack' | 'depth' | 'gate' | 'half' | 'by' | 'level'>
  readonly weightClass: WeightClass
  /** Of the weights of the class. */
  readonly mask: Mask
  /** Of the network's parameters. */
  readonly applied: Mask
}

/** @returns points of the validation text, and its perplexity by the unpruned model */
export async function analyseLayers(context: AnalysisContext): Promise<LayerLosses> {
  const { seed, dense, classes, evaluator, study, signal } = context
  const layers = recurrentLayers(dense.config.model, classes)
  const points: LayerPoint[] = []
  for (const { point, weightClass, mask, applied } of layerTrials(layers, study.layers)) {
    if (signal?.aborted) throw new Interrupted()
    const perplexity = await evaluator.validPerplexity(applied.apply(dense.parameters))
    points.push({ ...point, ...describeTaken(weightClass, mask), perplexity })
  }
  return { seed, perplexity: await evaluator.validPerplexity(dense.parameters), points }
}

function* layerTrials(
  layers: readonly RecurrentLayer[],
  { levels, parts }: AnalysisContext['study']['layers'],
): Generator<Trial> {
  for (const level of levels) {
    const together = prune(
      layers.map(({ weightClass }) => weightClass),
      { fraction: level },
    )
    for (const layer of layers) {
      const { weightClass } = layer
      const point = { ...placeOf(layer), level }
      const alone = prune([weightClass], { fraction: level })
      const below = together.of(weightClass.tensors)
      yield { point: { ...point, by: 'fraction' }, weightClass, mask: alone, applied: alone }
      yield { point: { ...point, by: 'threshold' }, weightClass, mask: below, applied: below }
    }
  }
  for (const level of parts)
    for (const layer of layers)
      for (const { gate, half, weightClass } of layer.parts) {
        const mask = prune([weightClass], { fraction: level })
        const point = { ...placeOf(layer), gate, half, by: 'fraction' as const, level }
        yield { point, weightClass, mask, applied: wholeMask(mask, [weightClass]) }
      }
}

const placeOf = ({ weightClass, stack, depth }: RecurrentLayer) => ({ layer: weightClass.name, stack, depth })

/** The share of the weights that a mask takes, the largest of them, and the Euclidean norm of all of them. */
function describeTaken({ tensors }: WeightClass, mask: Mask): Pick<LayerPoint, 'pruned' | 'largestPruned' | 'norm'> {
  let [weights, pruned, largest, squares] = [0, 0, 0, 0]
  for (const { name, data } of tensors) {
    const kept = mask.kept.get(name)
    weights += data.length
    for (let i = 0; i < data.length; i++) {
      if (kept?.[i] !== 0) continue
      pruned++
      squares += data[i] ** 2
      largest = Math.max(largest, Math.abs(data[i]))
    }
  }
  return { pruned: pruned / weights, largestPruned: largest, norm: Math.sqrt(squares) }
}
