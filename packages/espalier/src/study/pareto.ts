/** Pareto fronts: which models no other beats in one thing without being worse in another. */

/**
 * The points of the front, in order of their cost: nothing costs as little and scores as well or better.
 * @param cost what should be low @param score what should be high
 */
export function paretoFront<T>(points: readonly T[], cost: (point: T) => number, score: (point: T) => number): T[] {
  const ordered = [...points].sort((a, b) => cost(a) - cost(b) || score(b) - score(a))
  let best = Number.NEGATIVE_INFINITY
  return ordered.filter(point => {
    const better = score(point) > best
    if (better) best = score(point)
    return better
  })
}
