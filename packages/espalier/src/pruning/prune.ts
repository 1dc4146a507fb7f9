/** Pruning: a score for each weight, and a scope within which the lowest scores go. */
import { UserError } from '@espalier/runtime'
import { Mask } from './mask.ts'
import { type ScoreName, scoreOf } from './scores.ts'
import { type Candidates, selectLowest } from './select.ts'
import { countWeights, type WeightClass } from './weights.ts'

/**
 * The schemes of See, Luong & Manning 2016 (section 3.3), and random pruning, the baseline that shows that magnitude
 * matters. class-distribution takes from each class what lies below λσ of the class, λ found for the total.
 */
export const SCHEMES = {
  'class-blind': { score: 'magnitude', scope: 'all' },
  'class-uniform': { score: 'magnitude', scope: 'class' },
  'class-distribution': { score: 'standardised-magnitude', scope: 'all' },
  random: { score: 'random', scope: 'all' },
} as const satisfies Record<string, { score: ScoreName; scope: 'all' | 'class' }>
export type Scheme = keyof typeof SCHEMES

export interface PruneOptions {
  readonly scheme: Scheme
  /** Of all weights of the classes, those that are gone already included; in [0, 1). */
  readonly fraction: number
  /** Of random pruning. */
  readonly seed?: number
  /** What is pruned already: it stays pruned. */
  readonly current?: Mask
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
 * @throws UserError `fraction` outside [0, 1) or below what is pruned already
 */
export function prune(classes: readonly WeightClass[], options: PruneOptions): Mask {
  const { fraction, current } = options
  if (!(fraction >= 0 && fraction < 1))
    throw new UserError('fraction', `--fraction ${fraction}: wanted is a number from 0 up to, not including, 1`)
  const { score, scope } = SCHEMES[options.scheme]
  const candidates = classes.map(weightClass =>
    weightClass.tensors.map((tensor): Candidates => {
      const gone = current?.kept.get(tensor.name)
      return { tensor, score: scoreOf(score, weightClass, options.seed ?? 1), current: gone }
    }),
  )
  const groups = scope === 'all' ? [candidates.flat()] : candidates
  const kept = new Map<string, Uint8Array>()
  for (const group of groups) {
    const size = group.reduce((n, { tensor }) => n + tensor.data.length, 0)
    const count = Math.round(fraction * size)
    rejectLess(group, count, size)
    selectLowest(group, count).kept.forEach((marks, i) => {
      kept.set(group[i].tensor.name, marks)
    })
  }
  return new Mask(kept)
}

function rejectLess(group: readonly Candidates[], count: number, size: number): void {
  let gone = 0
  for (const { current } of group) if (current) for (let i = 0; i < current.length; i++) gone += 1 - current[i]
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
