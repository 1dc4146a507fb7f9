/** A model as a point of a curve. */
import type { ModelResult } from '../results.ts'

export const curveRow = (series: string, model: ModelResult) => ({
  series,
  fraction: model.fraction,
  value: model.bleu.score,
  low: model.bleu.low,
  high: model.bleu.high,
})
