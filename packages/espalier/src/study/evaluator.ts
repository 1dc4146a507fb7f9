/**
 * Measures many models of one network: its programs are compiled once, and take the parameters of one model after the other.
 */
import type { Translator } from '@espalier/runtime'
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import type { PairStore } from '../corpus/pair-store.ts'
import {
  type BleuOptions,
  bleu,
  corpusStatistics,
  type Metric,
  pairedBootstrap,
  scoreCorpus,
  standardMetrics,
} from '../evaluation/index.ts'
import { encodePairs, type PerplexityMeter, perplexityMeter } from '../evaluation/perplexity.ts'
import type { Parameters } from '../network/parameters.ts'
import type { CompiledNetwork } from '../network/translation-programs.ts'
import { openEngineTranslator } from '../translation/engine-translator.ts'
import type { ModelResult } from './results.ts'

/** A text to translate and its translation. */
export interface TestText {
  readonly sources: readonly string[]
  readonly references: readonly string[]
}

export interface EvaluatorOptions {
  readonly test: TestText
  readonly valid: PairStore
  readonly scoring: BleuOptions
  readonly threads?: number
}

/** What is measured of a model. */
export interface Scores
  extends Pick<ModelResult, 'bleu' | 'chrf' | 'ter' | 'perplexity' | 'validPerplexity' | 'wordsPerSecond'> {
  readonly translations: readonly string[]
}

export class Evaluator {
  readonly metric: Metric
  readonly #testPairs: PairStore

  private constructor(
    readonly options: EvaluatorOptions,
    readonly translator: Translator<CompiledNetwork>,
    readonly meter: PerplexityMeter,
    model: ModelDirectory,
  ) {
    this.metric = bleu(options.scoring)
    this.#testPairs = encodePairs(model, options.test.sources, options.test.references)
  }

  /** @param model any model of the network, with the vocabularies of all */
  static async open(model: ModelDirectory, options: EvaluatorOptions): Promise<Evaluator> {
    const meter = await perplexityMeter(model, options.threads)
    try {
      return new Evaluator(options, await openEngineTranslator(model, options.threads), meter, model)
    } catch (error) {
      await meter.release()
      throw error
    }
  }

  /** Translates the test text. @returns the best translation of each sentence, and target words (`</s>` included) a second */
  async translate(parameters: Parameters, beam: number): Promise<{ translations: string[]; wordsPerSecond: number }> {
    this.translator.network.bind(parameters)
    const began = performance.now()
    const results = await this.translator.translate(this.options.test.sources, { beam })
    const seconds = (performance.now() - began) / 1000
    const words = results.reduce((n, [best]) => n + best.tokens.length + 1, 0)
    return { translations: results.map(([best]) => best.text), wordsPerSecond: words / seconds }
  }

  async measure(parameters: Parameters, beam: number): Promise<Scores> {
    const { translations, wordsPerSecond } = await this.translate(parameters, beam)
    const { chrf, ter } = standardMetrics(this.options.scoring)
    return {
      translations,
      wordsPerSecond,
      bleu: this.bleu(translations),
      chrf: scoreCorpus(chrf, translations, [this.options.test.references]).score,
      ter: scoreCorpus(ter, translations, [this.options.test.references]).score,
      perplexity: await this.meter.measure(parameters, this.#testPairs),
      validPerplexity: await this.validPerplexity(parameters),
    }
  }

  validPerplexity(parameters: Parameters): Promise<number> {
    return this.meter.measure(parameters, this.options.valid)
  }

  /** BLEU of translations of the test text, with its 95 % interval. */
  bleu(translations: readonly string[]): ModelResult['bleu'] {
    const [{ score, low, high }] = pairedBootstrap(this.metric, [this.#statistics(translations)])
    return { score, low, high }
  }

  /** BLEU of one set of translations minus that of another, and how probable it is by chance. */
  compare(better: readonly string[], than: readonly string[]): { difference: number; pValue: number } {
    const found = pairedBootstrap(this.metric, [this.#statistics(than), this.#statistics(better)])
    // The first system is the baseline; the second is compared with it, so it has a p-value.
    return { difference: found[1].score - found[0].score, pValue: found[1].pValue ?? 1 }
  }

  #statistics(translations: readonly string[]): number[][] {
    return corpusStatistics(this.metric, translations, [this.options.test.references])
  }

  async release(): Promise<void> {
    try {
      await this.translator.release()
    } finally {
      await this.meter.release()
    }
  }
}
