/** The inputs of a loss: what they are in a program, and what a batch fills them with. */
import { type ArrayValue, input, type Tensor } from '@espalier/engine'
import type { Batch } from '../corpus/batches.ts'

/** The inputs that a batch fills. */
export function batchInputs(): { source: Tensor; targetInput: Tensor; labels: Tensor } {
  return {
    source: input('source', 'int32', ['source', 'batch']),
    targetInput: input('targetInput', 'int32', ['target', 'batch']),
    labels: input('labels', 'int32', ['target', 'batch']),
  }
}

export function batchValues(batch: Batch): Record<string, ArrayValue> {
  return {
    source: { data: batch.source, shape: [batch.sourceLength, batch.size] },
    targetInput: { data: batch.targetInput, shape: [batch.targetLength, batch.size] },
    labels: { data: batch.labels, shape: [batch.targetLength, batch.size] },
  }
}
