/**
 * Which experiments are compared with each other: class-blind with the other schemes, retrained with trained from scratch, the
 * kinds of that with each other, all that is pruned and retrained with the controls, and the controls with each other.
 */

import type { Experiment } from './experiments.ts'
import { CONTROL_NAMES, SCRATCH_NAMES, type ScratchKind } from './planned-model.ts'

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
  const scratch = (...kinds: ScratchKind[]) =>
    of('scratch').filter(({ name }) => kinds.some(kind => name === SCRATCH_NAMES[kind]))
  const control = (name: string) => of('control').filter(({ id }) => id === name)
  return [
    ...pairs(blind, ({ fraction }) => at(others, fraction)),
    ...pairs(of('retrained'), ({ fraction }) => at(of('scratch'), fraction)),
    ...pairs(scratch('ticket'), ({ fraction }) => at(scratch('scratch'), fraction)),
    ...pairs(scratch('ticket', 'scratch'), ({ fraction }) => at(scratch('random-structure'), fraction)),
    ...pairs(sparse, () => of('control')),
    ...pairs(control(CONTROL_NAMES.lessDropout), () => control(CONTROL_NAMES.trainedOn)),
  ]
}
