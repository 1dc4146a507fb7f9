/** The inputs of a loss: what they are in a program, and what a batch fills them with. */
import { type ArrayValue, input, type Tensor } from '@espalier/engine'
import type { Batch } from '../corpus/batches.ts'

/** The inputs that a batch fills. */
export function batchInputs(): { source: Tensor; given: Tensor; wanted: Tensor } {
  return {
    source: input('source', 'int32', ['source', 'batch']),
    given: input('given', 'int32', ['target', 'batch']),
    wanted: input('wanted', 'int32', ['target', 'batch']),
  }
}

export function batchValues(batch: Batch): Record<string, ArrayValue> {
  return {
    source: { data: batch.source, shape: [batch.sourceLength, batch.size] },
    given: { data: batch.targetIn, shape: [batch.targetLength, batch.size] },
    wanted: { data: batch.targetOut, shape: [batch.targetLength, batch.size] },
  }
}
