/** Scores of translations, numerically those of sacreBLEU, and whether their differences are real. */
import { UserError } from '@espalier/runtime'
import { type BleuOptions, bleu } from './bleu.ts'
import { sumStatistics } from './bootstrap.ts'
import { chrf } from './chrf.ts'
import type { Metric } from './metric.ts'
import { ter } from './ter.ts'

export { type BleuDetails, type BleuOptions, bleu, bleuDetails } from './bleu.ts'
export { type BootstrapResult, pairedBootstrap } from './bootstrap.ts'
export { chrf } from './chrf.ts'
export type { Metric } from './metric.ts'
export { ter } from './ter.ts'
export type { ScoreTokenizer } from './tokenizers.ts'

/** A score with all that is needed to tell what it means. */
export interface Score {
  readonly name: string
  readonly score: number
  readonly signature: string
}

/**
 * Per-sentence statistics of a metric.
 * @param references reference streams: each has one reference for each hypothesis
 * @throws UserError where a stream has another number of sentences
 */
export function corpusStatistics(
  metric: Metric,
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
): number[][] {
  if (references.length === 0) throw new UserError('no-references', 'at least one set of references is needed')
  if (hypotheses.length === 0) throw new UserError('empty-file', 'there are no hypotheses to score')
  for (const stream of references)
    if (stream.length !== hypotheses.length)
      throw new UserError('lengths-differ', `${hypotheses.length} hypotheses, but ${stream.length} references`)
  return hypotheses.map((hypothesis, i) =>
    metric.statistics(
      hypothesis,
      references.map(stream => stream[i]),
    ),
  )
}

/** The score of a corpus. */
export function scoreCorpus(
  metric: Metric,
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
): Score {
  const statistics = corpusStatistics(metric, hypotheses, references)
  const signature = `nrefs:${references.length}|${metric.signature}`
  return { name: metric.name, score: metric.score(sumStatistics(statistics)), signature }
}

/** BLEU of one sentence: orders that it is too short for are left out. */
export function sentenceBleu(hypothesis: string, references: readonly string[], options: BleuOptions = {}): number {
  const metric = bleu({ ...options, effectiveOrder: true })
  return metric.score(metric.statistics(hypothesis, references))
}

/** The metrics that are reported together: BLEU, chrF, chrF++ and TER. */
export function standardMetrics(options: BleuOptions): Record<'bleu' | 'chrf' | 'chrf++' | 'ter', Metric> {
  const { lowercase } = options
  return { bleu: bleu(options), chrf: chrf({ lowercase }), 'chrf++': chrf({ lowercase, wordOrder: 2 }), ter: ter() }
}
