/** Pruning: a score for each weight or block, and a scope within which the lowest scores are pruned. */
import { UserError } from '@espalier/runtime'
import { sizeOf } from '@espalier/runtime/packed'
import { type Block, blockGroups, expandBlocks, parseBlock } from './blocks.ts'
import { refuseNonFinite } from './finite.ts'
import { Mask } from './mask.ts'
import { keepPattern, parsePattern } from './pattern.ts'
import { type ImportanceScores, type Score, type ScoreName, scoreOf, toUnsignedOrder } from './scores.ts'
import { type Candidates, selectLowest, selectLowestGroups } from './select.ts'
import { selectClasses, type WeightClass, type WeightTensor } from './weights.ts'

/**
 * The schemes of See, Luong & Manning 2016 (section 3.3); random pruning, the baseline that shows that magnitude
 * matters; and two whose scores are accumulated in training: Σ |g·w| (first-order Taylor, Molchanov et al. 2017) and
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

/** Which weights are pruned, whatever the model. */
export interface Selection {
  readonly scheme: Scheme
  /**
   * Fraction of all weights of the chosen classes, those that are pruned already included; in [0, 1). A pattern decides
   * the fraction itself.
   */
  readonly fraction: number
  /** `1x8`: weights are pruned in blocks; default 1x1. */
  readonly block?: string
  /** `2:4`: of each 4 weights of a row 2 are kept, whatever the scope. */
  readonly pattern?: string
  /** Classes to prune; default: all. */
  readonly only?: readonly string[]
  /** Classes to leave as they are. */
  readonly except?: readonly string[]
  /** Fractions by class, in place of the scheme's scope; a class that is not named is pruned to `fraction`. */
  readonly budget?: Readonly<Record<string, number>>
  /** Of random pruning; default 1. */
  readonly seed?: number
}

export interface PruneOptions extends Omit<Selection, 'scheme' | 'fraction'> {
  /** Default: class-blind. */
  readonly scheme?: Scheme
  /** Needed unless there is a pattern. */
  readonly fraction?: number
  /** What is pruned already: it stays pruned, and counts. */
  readonly current?: Mask
  /** Accumulated in training, for the schemes taylor and movement. */
  readonly importance?: ImportanceScores
}

/**
 * Chooses the weights to prune. Single weights: exactly round(fraction × N), ties included, of each scope's N weights.
 * Blocks: whole ones, until the pruned weights are as near to fraction × N as whole blocks allow, so within half a block.
 * Patterns: exactly by group. Nothing is changed.
 * @returns the mask of the chosen classes, and of what `current` covers besides
 * @throws UserError `fraction` outside [0, 1) or below what is pruned already; `class`, `scheme`, `block`, `pattern`,
 *   `no-scores`, `not-finite`
 */
export function prune(classes: readonly WeightClass[], options: PruneOptions): Mask {
  const { current, budget, pattern, scheme = 'class-blind' } = options
  if (!Object.hasOwn(SCHEMES, scheme))
    throw new UserError('scheme', `there is no scheme ${scheme}; there are ${Object.keys(SCHEMES).join(', ')}`)
  const fraction = options.fraction ?? (pattern === undefined ? Number.NaN : 0)
  checkFraction(fraction)
  const chosen = selectClasses(classes, options)
  for (const [name, value] of Object.entries(budget ?? {})) {
    selectClasses(classes, { only: [name] })
    checkFraction(value)
  }
  const block = parseBlock(options.block ?? '1x1')
  const kept = new Map(current?.kept)
  if (pattern !== undefined) {
    if (block.rows * block.columns !== 1)
      throw new UserError('pattern', `--pattern ${pattern} and --block ${options.block} exclude each other`)
    const parsed = parsePattern(pattern)
    const list = scored(chosen, scheme, options)
    refuseWeights(list)
    for (const { tensor, score, unpruned } of list) kept.set(tensor.name, keepPattern(tensor, score, parsed, unpruned))
    return new Mask(kept)
  }
  const byClass = budget !== undefined || SCHEMES[scheme].scope === 'class'
  for (const scope of byClass ? chosen.map(c => [c]) : [chosen]) {
    const list = scored(scope, scheme, options)
    const share = budget?.[scope[0].name] ?? fraction
    for (const [name, mask] of block.rows * block.columns === 1
      ? pruneWeights(list, share)
      : pruneBlocks(list, share, block))
      kept.set(name, mask)
  }
  return new Mask(kept)
}

interface Scored {
  readonly tensor: WeightTensor
  readonly score: Score
  readonly unpruned?: Uint8Array
}

function scored(classes: readonly WeightClass[], scheme: Scheme, options: PruneOptions): Scored[] {
  const { seed = 1, importance, current } = options
  return classes.flatMap(weightClass => {
    const score = scoreOf(SCHEMES[scheme].score, weightClass, seed, importance)
    return weightClass.tensors.map(tensor => ({ tensor, score, unpruned: maskOf(tensor, current) }))
  })
}

function maskOf({ name, shape, data }: WeightTensor, current: Mask | undefined): Uint8Array | undefined {
  if (sizeOf(shape) !== data.length)
    throw new UserError('shape', `${name} has ${data.length} weights, which is not its shape [${shape.join(', ')}]`)
  const unpruned = current?.kept.get(name)
  if (unpruned && unpruned.length !== data.length)
    throw new UserError('mask', `the mask of ${name} is of ${unpruned.length} weights, the tensor has ${data.length}`)
  return unpruned
}

type NamedMask = readonly [name: string, kept: Uint8Array]

function refuseWeights(list: readonly Scored[]): void {
  refuseNonFinite(list.map(({ tensor }) => [tensor.name, tensor]))
}

/** Exactly round(fraction × N) weights of all tensors together. */
function pruneWeights(list: readonly Scored[], fraction: number): NamedMask[] {
  const total = list.reduce((n, { tensor }) => n + tensor.data.length, 0)
  const count = Math.round(fraction * total)
  const pruned = list.reduce((n, { unpruned }) => n + (unpruned ? countZeros(unpruned) : 0), 0)
  refuseLess(fraction, pruned, count, total)
  // Most scores show in passing whether a weight is not finite, which saves a pass over all weights. Weights that are pruned
  // already are not looked at then: they stay zero, whatever they were.
  const shown = count > 0 && list.every(({ score }) => score.showsNonFinite)
  if (!shown) refuseWeights(list)
  const candidates = list.map(({ tensor, score, unpruned }): Candidates => ({ tensor, unpruned, score: keys(score) }))
  return selectLowest(candidates, count, shown ? () => refuseWeights(list) : undefined).map((kept, i) => [
    list[i].tensor.name,
    kept,
  ])
}

function keys({ write, signed }: Score): Candidates['score'] {
  if (!signed) return write
  return (tensor, start, out) => {
    write(tensor, start, out)
    toUnsignedOrder(out)
  }
}

/** Whole blocks of all tensors together, as near to fraction × N weights as they allow. */
function pruneBlocks(list: readonly Scored[], fraction: number, block: Block): NamedMask[] {
  refuseWeights(list)
  const groups = list.map(({ tensor, score, unpruned }) => blockGroups(tensor, score, block, unpruned))
  const total = list.reduce((n, { tensor }) => n + tensor.data.length, 0)
  const area = block.rows * block.columns
  // Counting equal blocks, not weights, keeps halves from being rounded twice.
  const target = groups.every(({ uniform }) => uniform)
    ? Math.round(fraction * (total / area)) * area
    : fraction * total
  const unpruned = groups.reduce((n, { sizes }) => n + sizes.reduce((sum, size) => sum + size, 0), 0)
  refuseLess(fraction, total - unpruned, target + area / 2, total)
  return selectLowestGroups(groups, target - (total - unpruned)).map((kept, i) => [
    list[i].tensor.name,
    expandBlocks(groups[i], kept, list[i].unpruned),
  ])
}

function countZeros(kept: Uint8Array): number {
  let n = 0
  for (let i = 0; i < kept.length; i++) n += 1 - kept[i]
  return n
}

function checkFraction(fraction: number): void {
  if (!(fraction >= 0 && fraction < 1))
    throw new UserError(
      'fraction',
      `--fraction ${Number.isNaN(fraction) ? 'is missing: it has to be' : `${fraction} is not`} in [0, 1)`,
    )
}

function refuseLess(fraction: number, pruned: number, most: number, total: number): void {
  if (pruned > most)
    throw new UserError(
      'fraction',
      `--fraction ${fraction} is too small: ${(pruned / total).toFixed(4)} of the weights are pruned already; choose more`,
    )
}
