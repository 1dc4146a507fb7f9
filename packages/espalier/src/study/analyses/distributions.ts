/** How the weights of each class are distributed: histograms of models side by side. */
import { standardDeviation, type WeightClass } from '../../pruning/index.ts'
import type { StudyResults } from '../results.ts'

const BINS = 61
/** The histograms reach as many standard deviations of the widest class. */
const REACH = 3.5

type Distributions = NonNullable<StudyResults['distributions']>

/**
 * Histograms of models' weights by class, all with the same bins. Pruned weights are not counted.
 * @param models by name, the first the one that the range is taken from
 */
export function describeDistributions(models: ReadonlyMap<string, readonly WeightClass[]>): Distributions {
  const [first] = models.values()
  const limit = REACH * Math.max(...first.map(weightClass => standardDeviation(weightClass)))
  return {
    limit,
    histograms: [...models].flatMap(([model, classes]) =>
      classes.map(weightClass => ({ model, name: weightClass.name, counts: histogram(weightClass, limit) })),
    ),
  }
}

/** Counts of the nonzero weights in equal bins from -limit to limit; what lies outside is in the outermost. */
function histogram({ tensors }: WeightClass, limit: number): number[] {
  const counts = new Array<number>(BINS).fill(0)
  for (const { data } of tensors)
    for (const weight of data)
      if (weight !== 0) counts[Math.max(0, Math.min(BINS - 1, Math.floor(((weight + limit) / (2 * limit)) * BINS)))]++
  return counts
}
