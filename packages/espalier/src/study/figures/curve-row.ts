/** An experiment as a point of a curve, and its seeds as points beside it. */
import type { CurveRow } from '../drawing.ts'
import type { StudyResults, Summary } from '../results.ts'

export const curveRow = (series: string, { fraction, bleu: { mean, low, high } }: Summary): CurveRow => ({
  series,
  fraction,
  value: mean,
  low,
  high,
})

/** Where there are several seeds, each one's BLEU. */
export const seedRows = (series: string, { id, fraction }: Summary, { models, seeds }: StudyResults): CurveRow[] =>
  seeds.length > 1
    ? models.filter(model => model.id === id).map(({ bleu }) => ({ series, fraction, value: bleu.score }))
    : []

/** How curves of BLEU are to be read. */
export const readingOf = ({ seeds }: StudyResults) =>
  seeds.length > 1
    ? 'Points are means over the seeds, faint points the seeds, bars 95 % intervals.'
    : 'Bars are 95 % intervals.'
