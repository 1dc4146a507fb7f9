/** A model measured on parallel text: its perplexity, its translations and their scores. */

import type { TranslateOptions, TranslationService } from '@espalier/runtime'
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import { GIVING_WAY } from '../give-way.ts'
import { openTranslator } from '../translation/open.ts'
import { type BleuOptions, bleu } from './bleu.ts'
import { pairedBootstrap } from './bootstrap.ts'
import { modelPerplexity } from './perplexity.ts'
import { assertParallel, corpusStatistics, type Score, scoreCorpus, standardMetrics } from './score.ts'
import { defaultScoreTokenizer } from './tokenizers.ts'

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

export interface EvaluateOptions extends TranslateOptions, BleuOptions {
  /** Default: one is opened for the model, and released; one that is given stays open. */
  readonly translator?: TranslationService
  /** As {@link openTranslator} takes them; perplexity is computed by the engine. */
  readonly threads?: number
}

/**
 * Translates the sources and scores them against the references.
 * @param options default of `tokenizer`: the model's, see {@link defaultScoreTokenizer}
 * @throws UserError `lengths-differ`, `empty-file`
 */
export async function evaluateModel(
  model: ModelDirectory,
  sources: readonly string[],
  references: readonly string[],
  options: EvaluateOptions = {},
): Promise<ModelScores> {
  assertParallel(sources, [references])
  const {
    translator,
    threads,
    tokenizer = defaultScoreTokenizer(model.tokenizers),
    lowercase,
    ...translation
  } = options
  const scoring: BleuOptions = { ...options, tokenizer, lowercase }
  const { results, seconds } = await translateTimed(model, sources, translation, translator, threads)
  const translations = results.map(([best]) => best.text)
  const words = results.reduce((n, [best]) => n + best.tokens.length + 1, 0)
  const scores: Record<string, Score> = {}
  for (const [key, metric] of Object.entries(standardMetrics(scoring)))
    scores[key] = scoreCorpus(metric, translations, [references])
  const metric = bleu(scoring)
  const [{ confidence }] = pairedBootstrap(metric, [corpusStatistics(metric, translations, [references])])
  return {
    sentences: sources.length,
    perplexity: await modelPerplexity(model, sources, references, threads),
    scores,
    bleuConfidence: confidence,
    seconds,
    wordsPerSecond: words / seconds,
    translations,
  }
}

async function translateTimed(
  model: ModelDirectory,
  sources: readonly string[],
  options: TranslateOptions,
  translator: TranslationService | undefined,
  threads: number | undefined,
) {
  const service = translator ?? (await openTranslator(model, threads))
  try {
    const began = performance.now()
    const results = await service.translate(sources, { ...GIVING_WAY, ...options })
    return { results, seconds: (performance.now() - began) / 1000 }
  } finally {
    if (!translator) await service.release()
  }
}
