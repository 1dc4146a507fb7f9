/** Perplexity: the loss of a network on text, without dropout. */
import { type Backend, cast, type Program } from '@espalier/engine'
import type { NetworkConfig } from '../configuration/network.ts'
import { collate, sortedBatches } from '../corpus/batches.ts'
import type { PairStore } from '../corpus/pair-store.ts'
import { batchInputs, batchValues } from './batch-inputs.ts'
import { Network } from './network.ts'
import type { SparseParameters } from './parameters.ts'

/** Sentence pairs in a batch of evaluation. */
const BATCH_SIZE = 64

/**
 * Compiles the loss alone, without dropout: for validation. The caller releases the program.
 * @param sparse parameters of which kept values alone will be bound
 */
export function compileEvaluation(backend: Backend, model: NetworkConfig, sparse?: SparseParameters): Promise<Program> {
  const network = new Network(model, { sparse })
  const { source, targetInput, labels } = batchInputs()
  const { negativeLogLikelihood } = network.loss(source, targetInput, cast(labels, 'int64'))
  return backend.compile({ outputs: { negativeLogLikelihood } })
}

/**
 * exp of the mean −log p of a target word (`</s>` included).
 * @param program of {@link compileEvaluation}, parameters bound
 */
export async function perplexity(program: Program, store: PairStore, model: NetworkConfig): Promise<number> {
  return perplexityOf(program, store, sortedBatches(store, BATCH_SIZE), model)
}

/** The perplexity of some batches, given as indices of pairs. */
export async function perplexityOf(
  program: Program,
  store: PairStore,
  batches: readonly Int32Array[],
  model: NetworkConfig,
): Promise<number> {
  let [total, words] = [0, 0]
  for (const indices of batches) {
    const batch = collate(store, indices, model.reverseSource)
    const { negativeLogLikelihood } = await program.run(batchValues(batch))
    total += negativeLogLikelihood.data[0] as number
    words += batch.words
  }
  return Math.exp(total / words)
}
