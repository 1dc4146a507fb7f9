/** Scores translations of a study's test sets, and compares experiments over their seeds. */

import { interval, sumStatistics } from '../evaluation/bootstrap.ts'
import {
  type BleuOptions,
  bleu,
  compareSeeds,
  corpusStatistics,
  type Difference,
  type Estimate,
  estimateSeeds,
  type Metric,
  type SampledScore,
  sampleScores,
  standardMetrics,
} from '../evaluation/index.ts'
import type { ModelResult } from './results.ts'
import { poolTestSets, type TestSet, type TestText } from './test-sets.ts'

/** Translations of all test sets, one set after the other. */
export type Translations = readonly string[]

/** Scores of one model. */
export type TextScores = Pick<ModelResult, 'bleu' | 'chrf' | 'ter' | 'tests'>

export class Scorer {
  /** All test sets as one text. */
  readonly text: TestText
  /** BLEU. */
  readonly metric: Metric
  /** What was sampled of translations: of each test set, and, under no name, of all together. */
  readonly #sampled = new WeakMap<Translations, Map<string | undefined, SampledScore>>()

  constructor(
    readonly tests: readonly TestSet[],
    readonly options: BleuOptions,
  ) {
    this.text = poolTestSets(tests)
    this.metric = bleu(options)
  }

  /** How BLEU was computed, in sacreBLEU's notation. */
  get signature(): string {
    return `nrefs:1|${this.metric.signature}`
  }

  score(translations: Translations): TextScores {
    const { chrf, ter } = standardMetrics(this.options)
    const [ofBleu, ofChrf, ofTer] = [this.metric, chrf, ter].map(metric => this.#scores(metric, translations))
    const { score, samples } = this.#sample(translations)
    const { low, high } = interval(samples)
    return {
      bleu: { score, low, high },
      chrf: ofChrf.pooled,
      ter: ofTer.pooled,
      tests: this.tests.map(({ name }, i) => ({
        name,
        bleu: ofBleu.sets[i],
        chrf: ofChrf.sets[i],
        ter: ofTer.sets[i],
      })),
    }
  }

  /** BLEU of one model on all test sets. */
  bleu(translations: Translations): number {
    const statistics = corpusStatistics(this.metric, translations, [this.text.references])
    return this.metric.score(sumStatistics(statistics))
  }

  /** BLEU of an experiment. @param seeds translations by the model of each seed @param test a set's name; default: all */
  estimate(seeds: readonly Translations[], test?: string): Estimate {
    return estimateSeeds(seeds.map(translations => this.#sample(translations, test)))
  }

  /** BLEU of one experiment minus that of another. @param better @param than translations by the models of the same seeds */
  compare(better: readonly Translations[], than: readonly Translations[]): Difference {
    const sampled = (seeds: readonly Translations[]) => seeds.map(translations => this.#sample(translations))
    return compareSeeds(sampled(better), sampled(than))
  }

  /** A metric of all sets together, and of each. */
  #scores(metric: Metric, translations: Translations): { pooled: number; sets: number[] } {
    const statistics = corpusStatistics(metric, translations, [this.text.references])
    const score = (part: readonly (readonly number[])[]) => metric.score(sumStatistics(part))
    return { pooled: score(statistics), sets: this.tests.map(({ name }) => score(this.#part(statistics, name))) }
  }

  #sample(translations: Translations, test?: string): SampledScore {
    const sampled = this.#sampled.get(translations) ?? this.#sampleAll(translations)
    this.#sampled.set(translations, sampled)
    return sampled.get(test)!
  }

  #sampleAll(translations: Translations): Map<string | undefined, SampledScore> {
    const statistics = corpusStatistics(this.metric, translations, [this.text.references])
    const names = [undefined, ...this.tests.map(({ name }) => name)]
    return new Map(names.map(name => [name, sampleScores(this.metric, [this.#part(statistics, name)])[0]]))
  }

  /** What belongs to a test set of what all sets have, one after the other. */
  #part<T>(all: readonly T[], test?: string): readonly T[] {
    if (test === undefined) return all
    const index = this.tests.findIndex(({ name }) => name === test)
    const begin = this.tests.slice(0, index).reduce((n, { sources }) => n + sources.length, 0)
    return all.slice(begin, begin + this.tests[index].sources.length)
  }
}
