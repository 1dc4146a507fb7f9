/** Scores of whole texts: statistics of each sentence, added up. */
import { UserError } from '@espalier/runtime'
import { giveWay } from '../give-way.ts'
import { type BleuOptions, bleu } from './bleu.ts'
import { sumStatistics } from './bootstrap.ts'
import { chrf } from './chrf.ts'
import type { Metric } from './metric.ts'
import { ter } from './ter.ts'

/** A score and its signature, which says how it was computed. */
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
  assertParallel(hypotheses, references)
  return hypotheses.map((hypothesis, i) =>
    metric.statistics(
      hypothesis,
      references.map(stream => stream[i]),
    ),
  )
}

/** @throws UserError `no-references`, `empty-file`, `lengths-differ` */
export function assertParallel(lines: readonly string[], references: readonly (readonly string[])[]): void {
  if (references.length === 0) throw new UserError('no-references', 'at least one set of references is needed')
  if (lines.length === 0) throw new UserError('empty-file', 'there are no lines to score')
  for (const stream of references)
    if (stream.length !== lines.length)
      throw new UserError('lengths-differ', `${lines.length} lines, but ${stream.length} references`)
}

/** The score of a corpus. */
export function scoreCorpus(
  metric: Metric,
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
): Score {
  return scoreOf(metric, corpusStatistics(metric, hypotheses, references), references.length)
}

function scoreOf(metric: Metric, statistics: number[][], references: number): Score {
  const signature = `nrefs:${references}|${metric.signature}`
  return { name: metric.name, score: metric.score(sumStatistics(statistics)), signature }
}

/** Sentences between two occasions for other code to run. */
const TURN = 200

export interface ScoreInTurnsOptions {
  /** Told how many sentences are done. */
  onProgress?(done: number): void
}

/** The same as {@link scoreCorpus}, while signals are handled and progress is shown: a large text takes minutes. */
export async function scoreCorpusInTurns(
  metric: Metric,
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  { onProgress }: ScoreInTurnsOptions = {},
): Promise<Score> {
  assertParallel(hypotheses, references)
  const statistics: number[][] = []
  for (let start = 0; start < hypotheses.length; start += TURN) {
    const part = <T>(lines: readonly T[]) => lines.slice(start, start + TURN)
    for (const each of corpusStatistics(metric, part(hypotheses), references.map(part))) statistics.push(each)
    onProgress?.(statistics.length)
    await giveWay()
  }
  return scoreOf(metric, statistics, references.length)
}

/** BLEU of one sentence: n-gram orders for which it is too short are left out. */
export function sentenceBleu(hypothesis: string, references: readonly string[], options: BleuOptions = {}): number {
  const metric = bleu({ ...options, effectiveOrder: true })
  return metric.score(metric.statistics(hypothesis, references))
}

/** The metrics that are reported together: BLEU, chrF, chrF++ and TER. */
export function standardMetrics(options: BleuOptions): Record<'bleu' | 'chrf' | 'chrf++' | 'ter', Metric> {
  const { lowercase } = options
  return { bleu: bleu(options), chrf: chrf({ lowercase }), 'chrf++': chrf({ lowercase, wordOrder: 2 }), ter: ter() }
}
