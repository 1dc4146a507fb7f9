/** Models one below the other, each with its difference from the unpruned one and its interval: readable on a phone. */
import { baselineRule, colourOf, type Figure, INK, type Row, specification, WIDE } from '../drawing.ts'
import { signed } from '../format.ts'
import { differencesBySeed, type MeasuredModel } from './measured.ts'

/** BLEU below the unpruned model that is still shown, where models lose much more. */
const SHOWN = 12
const ROW = 19

export interface IntervalFigure {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly dense: MeasuredModel
  readonly models: readonly MeasuredModel[]
}

export function intervalFigure({ id, title, description, dense, models }: IntervalFigure): Figure {
  const all = models.flatMap(model => {
    const { fromDense } = model
    if (!fromDense) return []
    const seeds = differencesBySeed(model, dense)
    return [{ model: model.id, sparsity: model.sparsity, ...fromDense, seeds }]
  })
  const rows = all.filter(({ difference }) => difference >= -SHOWN)
  const lost = all.filter(({ difference }) => difference < -SHOWN)
  const order = [...rows].sort((a, b) => a.sparsity - b.sparsity || b.difference - a.difference)
  const y = { field: 'model', type: 'nominal', sort: order.map(({ model }) => model), title: null }
  const x = {
    field: 'difference',
    type: 'quantitative',
    title: 'BLEU minus unpruned',
    scale: { zero: true, nice: true },
  }
  const layer: object[] = [
    { data: { values: [{ difference: 0 }] }, ...ruleAtZero(x) },
    ...(rows.some(({ low }) => low !== undefined)
      ? [
          {
            mark: { type: 'rule', strokeWidth: 2.5, color: colourOf(0) },
            encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
          },
        ]
      : []),
    ...seedPoints(order, x, y),
    { mark: { type: 'point', filled: true, size: 46, color: colourOf(0), opacity: 1 }, encoding: { y, x } },
  ]
  const leftOut = lost.map(({ model, difference }) => `${model} (${signed(difference, 1)})`).join(', ')
  return {
    id,
    title,
    description: `${description}${leftOut ? ` Left out, for they lose more than ${SHOWN} BLEU: ${leftOut}.` : ''}`,
    panels: [specification({ width: WIDE.width, height: 46 + ROW * rows.length, data: { values: order }, layer })],
    rows: all.map(({ model, sparsity, difference, low, high, pValue, seeds }): Row => {
      const several = seeds.length > 1 && {
        seeds: seeds.map(seed => Number(seed.toPrecision(6))).join(' '),
      }
      return { model, sparsity, difference, low, high, p: pValue, ...several }
    }),
  }
}

const ruleAtZero = (x: object) => {
  const { mark } = baselineRule({}, x)
  return { mark: { ...mark, color: INK }, encoding: { x } }
}

function seedPoints(rows: readonly { seeds: readonly number[]; model: string }[], x: object, y: object): object[] {
  const values = rows.flatMap(({ model, seeds }) =>
    seeds.length > 1 ? seeds.map(difference => ({ model, difference })) : [],
  )
  if (values.length === 0) return []
  const mark = { type: 'point', filled: true, size: 16, opacity: 0.5, color: colourOf(0) }
  return [{ data: { values }, mark, encoding: { x, y } }]
}
