/** What pruning did, class by class. */
import type { Mask } from './mask.ts'
import { countWeights, selectClasses, type WeightClass } from './weights.ts'

/** What pruning did to a class. */
export interface ClassReport {
  readonly name: string
  readonly weights: number
  readonly pruned: number
  /** The largest |w| that is pruned. */
  readonly largestPruned: number
  /** Whether the class was among those to prune; others keep what they have. */
  readonly chosen?: boolean
}

/** Counts of a class under a mask. */
export function classReport(weightClass: WeightClass, mask: Mask): ClassReport {
  let [pruned, largestPruned] = [0, 0]
  for (const { name, data } of weightClass.tensors) {
    const kept = mask.kept.get(name)
    if (!kept) continue
    for (let i = 0; i < data.length; i++) {
      if (kept[i] === 1) continue
      pruned++
      const size = Math.abs(data[i])
      if (size > largestPruned) largestPruned = size
    }
  }
  return { name: weightClass.name, weights: countWeights([weightClass]), pruned, largestPruned }
}

/** Reports of all classes, and which of them `options` chose. @throws UserError `class` */
export function classReports(
  classes: readonly WeightClass[],
  mask: Mask,
  options: { readonly only?: readonly string[]; readonly except?: readonly string[] } = {},
): ClassReport[] {
  const chosen = selectClasses(classes, options)
  return classes.map(weightClass => ({ ...classReport(weightClass, mask), chosen: chosen.includes(weightClass) }))
}

/** Fractions that are pruned: of the chosen classes' weights, which `--fraction` is about, and of all. */
export function prunedFractions(reports: readonly ClassReport[]): { readonly chosen: number; readonly all: number } {
  const fraction = (list: readonly ClassReport[]) =>
    list.reduce((n, { pruned }) => n + pruned, 0) /
    Math.max(
      1,
      list.reduce((n, { weights }) => n + weights, 0),
    )
  return { chosen: fraction(reports.filter(({ chosen = true }) => chosen)), all: fraction(reports) }
}
