/** Pruning: a score for each weight or block, and a scope within which the lowest scores go. */
import { UserError } from '@espalier/runtime'
import { parseBlock, type Units, units } from './blocks.ts'
import { Mask } from './mask.ts'
import { keepPattern, parsePattern } from './pattern.ts'
import { type GatheredScores, type ScoreName, scoreOf } from './scores.ts'
import { selectLowest } from './select.ts'
import { countWeights, selectClasses, type WeightClass, type WeightTensor } from './weights.ts'

/**
 * The schemes of See, Luong & Manning 2016 (section 3.3); random pruning, the baseline that shows that magnitude
 * matters; and two whose scores are gathered in training: Σ |g·w| (first-order Taylor, Molchanov et al. 2017) and
 * -Σ g·w (movement, Sanh, Wolf & Rush 2020). class-distribution takes from each class what lies below λσ of the class,
 * λ found for the total.
 */
export const SCHEMES = {
  'class-blind': { score: 'magnitude', scope: 'all' },
  'class-uniform': { score: 'magnitude', scope: 'class' },
  'class-distribution': { score: 'standardised-magnitude', scope: 'all' },
  random: { score: 'random', scope: 'all' },
  taylor: { score: 'taylor', scope: 'all' },
  movement: { score: 'movement', scope: 'all' },
} as const satisfies Record<string, { score: ScoreName; scope: 'all' | 'class' }>
export type Scheme = keyof typeof SCHEMES

/** Which weights go, whatever the model. */
export interface Selection {
  readonly scheme: Scheme
  /**
   * Of all weights of the classes, those that are gone already included; in [0, 1). With blocks, of the blocks. A pattern
   * decides the fraction itself.
   */
  readonly fraction: number
  /** `1x8`: weights go in blocks; default 1x1. */
  readonly block?: string
  /** `2:4`: of each 4 weights of a row 2 are kept, whatever the scope. */
  readonly pattern?: string
  /** Classes to prune; default: all. */
  readonly only?: readonly string[]
  /** Classes to leave as they are. */
  readonly except?: readonly string[]
  /** Fractions by class, in place of the scheme's scope. */
  readonly budget?: Readonly<Record<string, number>>
  /** Of random pruning. */
  readonly seed?: number
}

export interface PruneOptions extends Selection {
  /** What is pruned already: it stays pruned. */
  readonly current?: Mask
  /** What training gathered. */
  readonly gathered?: GatheredScores
}

/** What pruning did to a class. */
export interface ClassReport {
  readonly name: string
  readonly weights: number
  readonly pruned: number
  /** The largest |w| that is pruned. */
  readonly largestPruned: number
}

/**
 * Chooses which weights go: exactly round(fraction × N), ties included. Nothing is changed.
 * @throws UserError `fraction` outside [0, 1) or below what is pruned already; `class`, `block`, `pattern`, `no-scores`
 */
export function prune(classes: readonly WeightClass[], options: PruneOptions): Mask {
  const { current, budget, pattern } = options
  checkFraction(options.fraction)
  const chosen = selectClasses(classes, options)
  const kept = new Map(current?.kept)
  if (pattern !== undefined) {
    for (const { tensor, score } of scored(chosen, options))
      kept.set(tensor.name, keepPattern(tensor, score, parsePattern(pattern), current?.kept.get(tensor.name)))
    return new Mask(kept)
  }
  const byClass = budget !== undefined || SCHEMES[options.scheme].scope === 'class'
  for (const group of byClass ? chosen.map(c => [c]) : [chosen]) {
    const fraction = budget?.[group[0].name] ?? options.fraction
    checkFraction(fraction)
    pruneGroup(group, fraction, options, kept)
  }
  return new Mask(kept)
}

/** The lowest of a group of classes together. */
function pruneGroup(
  group: readonly WeightClass[],
  fraction: number,
  options: PruneOptions,
  kept: Map<string, Uint8Array>,
): void {
  const block = parseBlock(options.block ?? '1x1')
  const list = scored(group, options).map(({ tensor, score }) =>
    units(tensor, score, block, options.current?.kept.get(tensor.name)),
  )
  const size = list.reduce((n, { candidates }) => n + candidates.tensor.data.length, 0)
  const count = Math.round(fraction * size)
  rejectLess(list, count, size)
  const { kept: marks } = selectLowest(
    list.map(({ candidates }) => candidates),
    count,
  )
  list.forEach(({ candidates, expand }, i) => {
    kept.set(candidates.tensor.name, expand(marks[i]))
  })
}

function scored(classes: readonly WeightClass[], { scheme, seed = 1, gathered }: PruneOptions) {
  return classes.flatMap(weightClass => {
    const score = scoreOf(SCHEMES[scheme].score, weightClass, seed, gathered)
    return weightClass.tensors.map((tensor: WeightTensor) => ({ tensor, score }))
  })
}

function checkFraction(fraction: number): void {
  if (!(fraction >= 0 && fraction < 1))
    throw new UserError('fraction', `--fraction ${fraction}: wanted is a number from 0 up to, not including, 1`)
}

function rejectLess(list: readonly Units[], count: number, size: number): void {
  let gone = 0
  for (const { candidates } of list) {
    const { current } = candidates
    if (current) for (let i = 0; i < current.length; i++) gone += 1 - current[i]
  }
  if (gone > count)
    throw new UserError(
      'fraction',
      `--fraction ${(count / size).toFixed(4)}: ${(gone / size).toFixed(4)} of the weights are pruned already; choose more`,
    )
}

/** Counts of a class under a mask. */
export function classReport(weightClass: WeightClass, mask: Mask): ClassReport {
  let [pruned, largestPruned] = [0, 0]
  for (const { name, data } of weightClass.tensors) {
    const kept = mask.kept.get(name)
    if (!kept) continue
    for (let i = 0; i < data.length; i++) {
      pruned += 1 - kept[i]
      const size = Math.abs(data[i]) * (1 - kept[i])
      if (size > largestPruned) largestPruned = size
    }
  }
  return { name: weightClass.name, weights: countWeights([weightClass]), pruned, largestPruned }
}
