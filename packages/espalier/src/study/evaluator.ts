/**
 * Runs many models of one network: its programs are compiled once, and take the parameters of one model after the other.
 */
import type { Translator } from '@espalier/runtime'
import type { ModelDirectory } from '../checkpoint/model-directory.ts'
import type { PairStore } from '../corpus/pair-store.ts'
import { encodePairs, type PerplexityMeter, perplexityMeter } from '../evaluation/perplexity.ts'
import type { Parameters } from '../network/parameters.ts'
import type { CompiledNetwork } from '../network/translation-programs.ts'
import { openEngineTranslator } from '../translation/engine-translator.ts'
import type { ModelResult } from './results.ts'
import type { Scorer, TextScores } from './scorer.ts'
import type { TimeSpent } from './time-spent.ts'

export interface EvaluatorOptions {
  readonly scorer: Scorer
  readonly valid: PairStore
  /** The training pairs that models' perplexity is measured on, too. */
  readonly train: PairStore
  readonly time: TimeSpent
  readonly threads?: number
}

/** What is measured of a model. */
export interface Scores
  extends TextScores,
    Pick<ModelResult, 'perplexity' | 'validPerplexity' | 'trainPerplexity' | 'wordsPerSecond'> {
  /** Of all test sets, one after the other. */
  readonly translations: readonly string[]
}

export class Evaluator {
  readonly #testPairs: PairStore

  private constructor(
    readonly options: EvaluatorOptions,
    readonly translator: Translator<CompiledNetwork>,
    readonly meter: PerplexityMeter,
    model: ModelDirectory,
  ) {
    const { sources, references } = options.scorer.text
    this.#testPairs = encodePairs(model, sources, references)
  }

  /** @param model any model of the network, with the vocabularies of all */
  static async open(model: ModelDirectory, options: EvaluatorOptions): Promise<Evaluator> {
    const meter = timedMeter(await perplexityMeter(model, options.threads), options.time)
    try {
      return new Evaluator(options, await openEngineTranslator(model, options.threads), meter, model)
    } catch (error) {
      await meter.release()
      throw error
    }
  }

  /** Translates all test sets. @returns the best translation of each sentence, and target words (`</s>` included) a second */
  async translate(parameters: Parameters, beam: number): Promise<{ translations: string[]; wordsPerSecond: number }> {
    this.translator.network.bind(parameters)
    const { scorer, time } = this.options
    const { result, seconds } = await time.measure('translating', () =>
      this.translator.translate(scorer.text.sources, { beam }),
    )
    const words = result.reduce((n, [best]) => n + best.tokens.length + 1, 0)
    return { translations: result.map(([best]) => best.text), wordsPerSecond: words / seconds }
  }

  async measure(parameters: Parameters, beam: number): Promise<Scores> {
    const { translations, wordsPerSecond } = await this.translate(parameters, beam)
    return {
      translations,
      wordsPerSecond,
      ...this.options.scorer.score(translations),
      perplexity: await this.meter.measure(parameters, this.#testPairs),
      validPerplexity: await this.validPerplexity(parameters),
      trainPerplexity: await this.meter.measure(parameters, this.options.train),
    }
  }

  validPerplexity(parameters: Parameters): Promise<number> {
    return this.meter.measure(parameters, this.options.valid)
  }

  async release(): Promise<void> {
    try {
      await this.translator.release()
    } finally {
      await this.meter.release()
    }
  }
}

/** A meter whose time is noted, and whose perplexities are numbers that JSON can hold. */
function timedMeter(meter: PerplexityMeter, time: TimeSpent): PerplexityMeter {
  return {
    async measure(parameters, text) {
      const { result } = await time.measure('perplexity', () => meter.measure(parameters, text))
      return Number.isFinite(result) ? result : Number.MAX_VALUE
    },
    release: () => meter.release(),
  }
}
