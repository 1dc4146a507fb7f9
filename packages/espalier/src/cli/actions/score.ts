/** `score`: translations against references. */
import { isStandardInput } from '../../corpus/bytes.ts'
import { readLines } from '../../corpus/lines.ts'
import { type Score, scoreCorpusInTurns, standardMetrics } from '../../evaluation/index.ts'
import type { ScoreFlags } from '../commands/score.ts'
import { hintAtTerminal, print, printJson } from '../output.ts'
import { checkLengths } from '../parallel-text.ts'
import { workProgress } from '../progress.ts'
import { scoreTable } from '../show-scores.ts'

export async function scoreAction(hypotheses: string, references: readonly string[], flags: ScoreFlags): Promise<void> {
  const { tokenizer = '13a', lowercase, json } = flags
  hintAtTerminal([hypotheses, ...references].some(isStandardInput))
  const lines = await readLines(hypotheses, { nonEmpty: true })
  const streams: string[][] = []
  for (const path of references) {
    const stream = await readLines(path, { nonEmpty: true })
    checkLengths(hypotheses, lines, path, stream)
    streams.push(stream)
  }
  const metrics = Object.entries(standardMetrics({ tokenizer, lowercase }))
  const progress = workProgress('score', { unit: 'sentences', total: metrics.length * lines.length })
  const scores: Record<string, Score> = {}
  for (const [i, [key, metric]] of metrics.entries()) {
    const onProgress = (done: number) => progress.update(i * lines.length + done)
    scores[key] = await scoreCorpusInTurns(metric, lines, streams, { onProgress })
  }
  progress.stop()
  if (json) printJson(scores)
  else print(scoreTable(scores))
}
