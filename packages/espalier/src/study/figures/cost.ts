/** What pruning costs: BLEU of several series, the whole of it and the differences from the unpruned model close by. */
import { type Figure, seriesLegend } from '../drawing.ts'
import { percent, signed } from '../format.ts'
import { curveRows, curves } from './curves.ts'
import { bleuPoint, differencePoint, type MeasuredModel } from './measured.ts'

/** Of the unpruned model's BLEU: what loses more is not shown close by. */
const CLOSE = 0.15
/** BLEU that is shown close by at least. */
const LEAST = 2

export interface CostFigure {
  readonly id: string
  readonly title: string
  /** What the series are, in words. */
  readonly description: string
  readonly dense: MeasuredModel
  readonly series: readonly (readonly [name: string, model: MeasuredModel])[]
}

export function costFigure({ id, title, description, dense, series }: CostFigure): Figure {
  const names = [...new Set(series.map(([name]) => name))]
  const points = series.map(([name, model]) => bleuPoint(name, model))
  const differences = series.flatMap(([name, model]) => differencePoint(name, model, dense))
  const limit = Math.max(LEAST, CLOSE * dense.bleu.mean)
  const close = differences.filter(({ value }) => value >= -limit)
  const top = Math.max(limit / 5, ...close.map(({ value, high = value, seeds = [] }) => Math.max(high, ...seeds)))
  const whole = curves(points, { title: 'BLEU', y: 'BLEU', names, baseline: dense.bleu.mean })
  const panels = [whole]
  if (close.length > 1)
    panels.push(
      curves(differences, {
        title: 'Close by',
        y: 'BLEU minus unpruned',
        names,
        baseline: 0,
        range: [-limit, 1.08 * top],
        dodge: true,
      }),
    )
  const intervals = [...points, ...close].some(({ low }) => low !== undefined)
  return {
    id,
    title,
    description:
      `${description} Dashed: the unpruned model, ${dense.bleu.mean.toFixed(1)} BLEU.` +
      `${intervals ? ' Bars are 95 % intervals.' : ''}${seedsText(points)}` +
      `${close.length > 1 ? ` The second panel shows the differences down to ${signed(-limit, 1)}; points of one level stand beside each other.` : ''}` +
      `${leastText(series, dense)}`,
    panels,
    legend: seriesLegend(names),
    rows: curveRows(points, 'bleu'),
  }
}

const seedsText = (points: readonly { seeds?: readonly number[] }[]) =>
  points.some(({ seeds = [] }) => seeds.length > 1) ? ' Faint points are the single seeds.' : ''

/** The most that is pruned at a loss of less than half a BLEU, which is what a reader looks for. */
function leastText(series: CostFigure['series'], dense: MeasuredModel): string {
  const [name, model] =
    series
      .filter(([, { bleu }]) => bleu.mean >= dense.bleu.mean - 0.5)
      .sort(([, a], [, b]) => b.sparsity - a.sparsity)[0] ?? []
  return name && model ? ` The sparsest within half a BLEU of it: ${name}, ${percent(model.sparsity)} pruned.` : ''
}
