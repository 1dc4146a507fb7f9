/** Perplexity of models on parallel text. */
import { createTokenizer } from '@espalier/runtime'
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import { PairStore } from '../corpus/pair-store.ts'
import { openBackend } from '../network/backend.ts'
import type { Parameters } from '../network/parameters.ts'
import { compileEvaluation, perplexity } from '../network/perplexity.ts'

/** Measures perplexity of many parameters of one network, with one compiled program for all of them. */
export interface PerplexityMeter {
  /** @returns exp of the mean −log p of a target word of the text, `</s>` included */
  measure(parameters: Parameters, text: PairStore): Promise<number>
  release(): Promise<void>
}

/** @param threads inside an operator; default all cores */
export async function perplexityMeter(model: ModelDirectory, threads?: number): Promise<PerplexityMeter> {
  const program = await compileEvaluation(await openBackend(threads), model.config.model)
  return {
    measure(parameters, text) {
      for (const [name, value] of parameters) program.bind(name, value)
      return perplexity(program, text, model.config.model)
    },
    release: () => program.release(),
  }
}

/** exp of the mean −log p of a reference word, `</s>` included, unknown words as `<unk>`. */
export async function modelPerplexity(
  model: ModelDirectory,
  sources: readonly string[],
  references: readonly string[],
  threads?: number,
): Promise<number> {
  const meter = await perplexityMeter(model, threads)
  try {
    return await meter.measure(model.parameters, encodePairs(model, sources, references))
  } finally {
    await meter.release()
  }
}

/** Parallel text as the token ids of a model, unknown words as `<unk>`. */
export function encodePairs(
  model: Pick<ModelDirectory, 'tokenizers' | 'vocabularies'>,
  sources: readonly string[],
  references: readonly string[],
): PairStore {
  const tokenizers = {
    source: createTokenizer(model.tokenizers.source),
    target: createTokenizer(model.tokenizers.target),
  }
  const encode = (side: 'source' | 'target', line: string) =>
    model.vocabularies[side].encode(tokenizers[side].tokenize(line))
  return PairStore.of(
    sources.map((source, i) => ({ source: encode('source', source), target: encode('target', references[i]) })),
  )
}
