/** A model as a translator that the engine runs. */
import { createTokenizer, Translator } from '@espalier/runtime'
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import { type CompiledNetwork, openNetwork } from '../network/translation-programs.ts'

/** @param threads inside an operator; default all cores */
export async function openEngineTranslator(
  model: ModelDirectory,
  threads?: number,
): Promise<Translator<CompiledNetwork>> {
  const network = await openNetwork(model.config.model, model.parameters, { threads })
  const side = (name: 'source' | 'target') => ({
    tokenizer: createTokenizer(model.tokenizers[name]),
    vocabulary: model.vocabularies[name],
  })
  const hasAttention = model.config.model.attention !== 'none'
  return new Translator(network, side('source'), side('target'), hasAttention)
}
