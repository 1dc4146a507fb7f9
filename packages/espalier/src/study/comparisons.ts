/**
 * Which experiments are compared with each other: class-blind with the other schemes, retrained with trained from scratch, and all
 * that is pruned and retrained with the controls.
 */
import type { Experiment } from './experiments.ts'

export interface ComparedPair {
  readonly better: string
  readonly than: string
}

type Compared = Pick<Experiment, 'id' | 'group' | 'name' | 'fraction'>

/** @param experiments of one seed */
export function comparedPairs(experiments: readonly Compared[]): ComparedPair[] {
  const pairs = (better: readonly Compared[], than: (one: Compared) => readonly Compared[]) =>
    better.flatMap(one => than(one).map(({ id }) => ({ better: one.id, than: id })))
  const of = (...groups: Experiment['group'][]) => experiments.filter(({ group }) => groups.includes(group))
  const at = (list: readonly Compared[], fraction: number) => list.filter(each => each.fraction === fraction)
  const blind = of('pruned').filter(({ name }) => name === 'class-blind')
  const others = of('pruned').filter(({ name }) => name !== 'class-blind')
  const sparse = of('retrained', 'schedule').filter(({ fraction }) => fraction > 0)
  return [
    ...pairs(blind, ({ fraction }) => at(others, fraction)),
    ...pairs(of('retrained'), ({ fraction }) => at(of('scratch'), fraction)),
    ...pairs(sparse, () => of('control')),
  ]
}
