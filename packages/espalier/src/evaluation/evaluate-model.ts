/** A model measured on parallel text: its perplexity, its translations and their scores. */

import { createTokenizer, type TranslateOptions, type TranslationService } from '@espalier/runtime'
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import { PairStore } from '../corpus/pair-store.ts'
import { openBackend } from '../network/backend.ts'
import { compileEvaluation, perplexity } from '../network/perplexity.ts'
import { openTranslator } from '../translation/onnx-translator.ts'
import {
  type BleuOptions,
  bleu,
  corpusStatistics,
  pairedBootstrap,
  type Score,
  scoreCorpus,
  standardMetrics,
} from './index.ts'

/** A model's figures on a test set. */
export interface ModelScores {
  readonly sentences: number
  readonly perplexity: number
  /** Score and signature by metric: bleu, chrf, chrf++, ter. */
  readonly scores: Record<string, Score>
  /** Half the width of BLEU's 95 % interval (bootstrap, 1000 samples). */
  readonly bleuConfidence: number
  readonly seconds: number
  /** Target words, one `</s>` a sentence included, for each second of translation. */
  readonly wordsPerSecond: number
  readonly translations: readonly string[]
}

/**
 * Translates the sources and scores them against the references.
 * @param options.translator default: the engine; released when it has translated
 */
export async function evaluateModel(
  model: ModelDirectory,
  sources: readonly string[],
  references: readonly string[],
  options: TranslateOptions & BleuOptions & { threads?: number; translator?: TranslationService },
): Promise<ModelScores> {
  const { translator = await openTranslator(model, options.threads), ...translation } = options
  const began = performance.now()
  const results = await translator.translate(sources, translation)
  const seconds = (performance.now() - began) / 1000
  await translator.release()
  const translations = results.map(([best]) => best.text)
  const words = results.reduce((n, [best]) => n + best.tokens.length + 1, 0)
  const scores: Record<string, Score> = {}
  for (const [key, metric] of Object.entries(standardMetrics(options)))
    scores[key] = scoreCorpus(metric, translations, [references])
  const metric = bleu(options)
  const [{ confidence }] = pairedBootstrap(metric, [corpusStatistics(metric, translations, [references])])
  return {
    sentences: sources.length,
    perplexity: await modelPerplexity(model, sources, references, options.threads),
    scores,
    bleuConfidence: confidence,
    seconds,
    wordsPerSecond: words / seconds,
    translations,
  }
}

/** exp of the mean −log p of a reference word, `</s>` included, unknown words as `<unk>`. */
export async function modelPerplexity(
  model: ModelDirectory,
  sources: readonly string[],
  references: readonly string[],
  threads?: number,
): Promise<number> {
  const store = encodePairs(model, sources, references)
  const program = await compileEvaluation(await openBackend(threads), model.config.model)
  try {
    for (const [name, value] of model.parameters) program.bind(name, value)
    return await perplexity(program, store, model.config.model)
  } finally {
    await program.release()
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
