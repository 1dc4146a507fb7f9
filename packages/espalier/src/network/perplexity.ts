/** Perplexity: the loss of a network on text, without dropout. */
import { cast, type Program } from '@espalier/engine'
import type { NetworkConfig } from '../configuration/network.ts'
import { collate, sortedBatches } from '../corpus/batches.ts'
import type { PairStore } from '../corpus/pair-store.ts'
import { compile } from './backend.ts'
import { batchInputs, batchValues } from './batch-inputs.ts'
import { Network } from './network.ts'

/** Compiles the loss alone, without dropout: for validation. */
export function compileEvaluation(model: NetworkConfig, threads?: number): Promise<Program> {
  const network = new Network(model, false)
  const { source, targetInput, labels } = batchInputs()
  const { negativeLogLikelihood } = network.loss(source, targetInput, cast(labels, 'int64'))
  return compile({ outputs: { negativeLogLikelihood } }, threads)
}

/** exp of the mean −log p of a target word (`</s>` included). */
export async function perplexity(program: Program, store: PairStore, model: NetworkConfig): Promise<number> {
  let [total, words] = [0, 0]
  for (const indices of sortedBatches(store, 64)) {
    const batch = collate(store, indices, model.reverseSource)
    const { negativeLogLikelihood } = await program.run(batchValues(batch))
    total += negativeLogLikelihood.data[0] as number
    words += batch.words
  }
  return Math.exp(total / words)
}
