/** `score`: translations against references. */
import { readLines } from '../../corpus/lines.ts'
import { scoreCorpus, standardMetrics } from '../../evaluation/index.ts'
import type { ScoreFlags } from '../commands/score.ts'
import { print, printJson } from '../output.ts'
import { checkLengths } from '../parallel-text.ts'
import { workProgress } from '../progress.ts'
import { scoreTable } from '../show-scores.ts'

export async function scoreAction(hypotheses: string, references: readonly string[], flags: ScoreFlags): Promise<void> {
  const { tokenizer = '13a', lowercase, json } = flags
  const lines = await readLines(hypotheses, { nonEmpty: true })
  const streams: string[][] = []
  for (const path of references) {
    const stream = await readLines(path, { nonEmpty: true })
    checkLengths(hypotheses, lines, path, stream)
    streams.push(stream)
  }
  const metrics = Object.entries(standardMetrics({ tokenizer, lowercase }))
  const progress = workProgress('score', { unit: 'sentences', total: metrics.length * lines.length })
  const scored = metrics.map(([key, metric], i) => {
    const score = scoreCorpus(metric, lines, streams)
    progress.update((i + 1) * lines.length)
    return [key, score] as const
  })
  progress.stop()
  const scores = Object.fromEntries(scored)
  if (json) printJson(scores)
  else print(scoreTable(scores))
}
