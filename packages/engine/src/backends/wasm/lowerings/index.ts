/** The table of how each operator is computed. */
import type { Operator } from '../../../graph/tensor.ts'
import { crossEntropyLowerings } from './cross-entropy.ts'
import { elementwiseLowerings } from './elementwise.ts'
import { indexingLowerings } from './indexing.ts'
import { layoutLowerings } from './layout.ts'
import type { Entry } from './lowering.ts'
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
  ...crossEntropyLowerings,
]
const byOperator = new Map<Operator, Entry>(entries.map(entry => [entry.operator, entry]))

/** How an operator is computed. */
export function lowering(operator: Operator): Entry {
  const found = byOperator.get(operator)
  if (!found) throw new Error(`the WebAssembly backend does not know the operator ${operator.name}`)
  return found
}
