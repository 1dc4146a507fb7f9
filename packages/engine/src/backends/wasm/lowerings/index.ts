/** The table of how each operator is computed. */
import type { Operator } from '../../../graph/tensor.ts'
import { elementwiseLowerings } from './elementwise.ts'
import { indexingLowerings } from './indexing.ts'
import { layoutLowerings } from './layout.ts'
import type { Lowering } from './lowering.ts'
import { productLowerings } from './product.ts'
import { reductionLowerings } from './reduction.ts'
import { sourceLowerings } from './source.ts'

const entries = [
  ...sourceLowerings,
  ...elementwiseLowerings,
  ...reductionLowerings,
  ...layoutLowerings,
  ...productLowerings,
  ...indexingLowerings,
]
const byOperator = new Map<Operator, Lowering>(entries.map(({ operator, lower }) => [operator, lower]))

/** How an operator is computed. */
export function lowering(operator: Operator): Lowering {
  const found = byOperator.get(operator)
  if (!found) throw new Error(`the WebAssembly backend does not know the operator ${operator.name}`)
  return found
}
