/**
 * What each recurrent layer loses when it is pruned alone: to the same fraction as the others, to the same magnitude as the
 * others, and gate by gate; with what tells depth from magnitude: the largest weight taken, and the norm of all that is taken.
 */
import { type Mask, prune, type WeightClass, wholeMask } from '../../pruning/index.ts'
import { Interrupted } from '../../store/model-store.ts'
import type { StudyConfiguration } from '../configuration.ts'
import { level } from '../format.ts'
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

/** Makes an analysis of the unpruned model, or remembers what it gave. */
export type Remember = <T>(name: string, make: (context: AnalysisContext) => Promise<T>) => Promise<T>

/** Each level is remembered by itself: with many layers, one takes minutes. @param seed of the unpruned model */
export async function analyseLayers(
  seed: number,
  { levels, parts }: Pick<StudyConfiguration['layers'], 'levels' | 'parts'>,
  remember: Remember,
): Promise<LayerLosses> {
  const perplexity = await remember('valid-perplexity', context =>
    context.evaluator.validPerplexity(context.dense.parameters),
  )
  const points: LayerPoint[] = []
  for (const fraction of levels)
    points.push(...(await remember(`layers-${level(fraction)}`, context => pruneEach(context, wholeLayers, fraction))))
  for (const fraction of parts)
    points.push(...(await remember(`parts-${level(fraction)}`, context => pruneEach(context, partsOfLayers, fraction))))
  return { seed, perplexity, points }
}

type Trials = (layers: readonly RecurrentLayer[], fraction: number) => Iterable<Trial>

async function pruneEach(context: AnalysisContext, trials: Trials, fraction: number): Promise<LayerPoint[]> {
  const { dense, classes, evaluator, signal } = context
  const points: LayerPoint[] = []
  for (const { point, weightClass, mask, applied } of trials(recurrentLayers(dense.config.model, classes), fraction)) {
    if (signal?.aborted) throw new Interrupted()
    const perplexity = await evaluator.validPerplexity(applied.apply(dense.parameters))
    points.push({ ...point, ...describeTaken(weightClass, mask), perplexity })
  }
  return points
}

function* wholeLayers(layers: readonly RecurrentLayer[], fraction: number): Generator<Trial> {
  const all = layers.map(({ weightClass }) => weightClass)
  const together = prune(all, { fraction })
  for (const layer of layers) {
    const { weightClass } = layer
    const point = { ...placeOf(layer), level: fraction }
    const alone = prune([weightClass], { fraction })
    const below = together.of(weightClass.tensors)
    yield { point: { ...point, by: 'fraction' }, weightClass, mask: alone, applied: alone }
    yield { point: { ...point, by: 'threshold' }, weightClass, mask: below, applied: below }
  }
}

function* partsOfLayers(layers: readonly RecurrentLayer[], fraction: number): Generator<Trial> {
  for (const layer of layers)
    for (const { gate, half, weightClass } of layer.parts) {
      const mask = prune([weightClass], { fraction })
      const point = { ...placeOf(layer), gate, half, by: 'fraction' as const, level: fraction }
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
