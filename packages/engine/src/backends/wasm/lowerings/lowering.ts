/** How an operator is computed: an entry of the backend's table. */
import type { Node, Operator } from '../../../graph/tensor.ts'
import type { Scope, Value } from '../scope.ts'

/** Adds the steps that compute a node, given its operands. @returns its outputs: all, or at least the one that is `asked` for */
export type Lowering<A = unknown> = (
  scope: Scope,
  inputs: readonly Value[],
  node: Node<A>,
  asked: number,
) => (Value | undefined)[]

export interface Entry {
  readonly operator: Operator
  readonly lower: Lowering
  /** Whether the lowering asks the scope for the operands itself, as rows or in panels; it is given none then. */
  readonly asks: boolean
}

/** An entry of the table; the attributes' type is the operator's own. */
export function entry<A>(operator: Operator<A>, lower: Lowering<A>): Entry {
  // The table looks a node up by its operator, so that the attributes are those the lowering expects.
  return { operator: operator as Operator, lower: lower as Lowering, asks: false }
}

/** An entry whose lowering asks the scope for the operands itself. */
export const asking = <A>(operator: Operator<A>, lower: Lowering<A>): Entry => ({
  ...entry(operator, lower),
  asks: true,
})
