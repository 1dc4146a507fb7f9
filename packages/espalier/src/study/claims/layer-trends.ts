/** What layers lose, as blocks in the order of their depth: what claim 5 tests, and the rank correlations that explain it. */
import type { LayerLosses, LayerPoint } from '../layer-results.ts'
import type { ModelResult } from '../results.ts'
import { average } from '../statistics/average.ts'
import { groupBy } from '../statistics/group-by.ts'
import { spearman } from '../statistics/rank-correlation.ts'

export const STACKS = ['encoder', 'decoder'] as const

/** A stack of one seed's model. */
export interface StackLosses {
  readonly seed: number
  readonly stack: LayerPoint['stack']
  /** Of each layer, the lowest first: the rise of log perplexity in nats a word, mean over the levels. */
  readonly losses: readonly number[]
}

/** A point and the rise of log perplexity by what was pruned, in nats a word. */
export type RisenPoint = LayerPoint & { readonly rise: number }

export const risenPoints = ({ perplexity, points }: LayerLosses): RisenPoint[] =>
  points.map(point => ({ ...point, rise: Math.log(point.perplexity / perplexity) }))

/** Whole layers pruned alone, by stack and seed; stacks of one layer are left out. */
export function stackLosses(layers: readonly LayerLosses[], by: LayerPoint['by']): StackLosses[] {
  return layers.flatMap(one => {
    const whole = risenPoints(one).filter(point => point.gate === undefined && point.by === by)
    return inStacks(one.seed, whole)
  })
}

/** A layer that was pruned alone and retrained. */
export type RetrainedPoint = Pick<RisenPoint, 'layer' | 'stack' | 'depth' | 'level' | 'perplexity' | 'rise'>

/** What retrained layers of one seed lose against the unpruned model trained on for as long. */
export function retrainedPoints({ seed, points }: LayerLosses, models: readonly ModelResult[]): RetrainedPoint[] {
  const own = models.filter(model => model.group === 'layer' && model.seed === seed)
  const control = own.find(({ fraction }) => fraction === 0)
  if (!control) return []
  return own.flatMap(({ name, fraction: level, validPerplexity: perplexity }) => {
    const place = points.find(({ layer }) => layer === name)
    if (!place) return []
    const { layer, stack, depth } = place
    return [{ layer, stack, depth, level, perplexity, rise: Math.log(perplexity / control.validPerplexity) }]
  })
}

export const retrainedLosses = (layers: readonly LayerLosses[], models: readonly ModelResult[]): StackLosses[] =>
  layers.flatMap(one => inStacks(one.seed, retrainedPoints(one, models)))

function inStacks(seed: number, points: readonly Pick<RisenPoint, 'stack' | 'depth' | 'rise'>[]): StackLosses[] {
  return STACKS.flatMap(stack => {
    const own = points.filter(point => point.stack === stack)
    const depths = [...new Set(own.map(({ depth }) => depth))].sort((a, b) => a - b)
    if (depths.length < 2) return []
    const losses = depths.map(depth => average(own.filter(p => p.depth === depth).map(({ rise }) => rise)))
    return [{ seed, stack, losses }]
  })
}

/** Mean rank correlations of losses with what may explain them; undefined where nothing was measured. */
export interface Explanations {
  /** Between the layers of a stack, all pruned to one fraction. */
  readonly between?: { readonly depth: number; readonly largest: number; readonly norm: number }
  /** Between the gates and halves within a layer, where depth is one. */
  readonly within?: { readonly largest: number; readonly norm: number }
}

export function explanations(layers: readonly LayerLosses[]): Explanations {
  const risen = layers.flatMap(one => risenPoints(one).map(point => ({ ...point, seed: one.seed })))
  const byFraction = risen.filter(({ by }) => by === 'fraction')
  const stacks = families(
    byFraction.filter(({ gate }) => gate === undefined),
    p => `${p.seed} ${p.stack} ${p.level}`,
  )
  const cells = families(
    byFraction.filter(({ gate }) => gate !== undefined),
    p => `${p.seed} ${p.layer} ${p.level}`,
  )
  const mean = (groups: readonly RisenPoint[][], key: 'depth' | 'largestPruned' | 'norm') =>
    average(
      groups.map(group =>
        spearman(
          group.map(p => p[key]),
          group.map(p => p.rise),
        ),
      ),
    )
  const magnitude = (groups: readonly RisenPoint[][]) => ({
    largest: mean(groups, 'largestPruned'),
    norm: mean(groups, 'norm'),
  })
  return {
    between: stacks.length > 0 ? { depth: mean(stacks, 'depth'), ...magnitude(stacks) } : undefined,
    within: cells.length > 0 ? magnitude(cells) : undefined,
  }
}

/** Points in groups of one key, those of two points or more. */
function families<T>(points: readonly T[], key: (point: T) => string): T[][] {
  return [...groupBy(points, key).values()].filter(group => group.length > 1)
}
