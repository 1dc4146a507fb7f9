/** Scores as a table. */
import type { Score } from '../evaluation/index.ts'
import { table } from './output.ts'

export function scoreTable(scores: Readonly<Record<string, Score>>): string {
  return table(
    ['metric', 'score', 'signature'],
    Object.values(scores).map(({ name, score, signature }) => [name, score.toFixed(2), signature]),
  )
}
