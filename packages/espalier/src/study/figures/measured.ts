/** A study's experiments as its figures and tables show them: over the seeds, and each seed's model. */
import type { ModelResult, StudyResults, Summary } from '../results.ts'
import type { CurvePoint } from './curves.ts'

export interface MeasuredModel extends Summary {
  /** One for each seed that trained. */
  readonly models: readonly ModelResult[]
}

/** In the order of the experiments. */
export const measuredModels = ({ summaries, models }: Pick<StudyResults, 'summaries' | 'models'>): MeasuredModel[] =>
  summaries.map(summary => ({ ...summary, models: models.filter(({ id }) => id === summary.id) }))

/** BLEU as a point of a curve. */
export const bleuPoint = (series: string, { fraction, bleu, models }: MeasuredModel): CurvePoint => ({
  series,
  fraction,
  value: bleu.mean,
  low: bleu.low,
  high: bleu.high,
  seeds: models.map(model => model.bleu.score),
})

/** The difference from the unpruned model as a point of a curve; nothing of the unpruned model itself. */
export function differencePoint(series: string, model: MeasuredModel, dense: MeasuredModel): CurvePoint[] {
  const { fraction, fromDense } = model
  if (!fromDense) return []
  const { difference, low, high } = fromDense
  return [{ series, fraction, value: difference, low, high, seeds: differencesBySeed(model, dense) }]
}

/** What each seed's model has more than the unpruned model of that seed. */
export const differencesBySeed = ({ models }: MeasuredModel, dense: MeasuredModel): number[] =>
  models.flatMap(({ seed, bleu }) => {
    const own = dense.models.find(model => model.seed === seed)
    return own ? [bleu.score - own.bleu.score] : []
  })
