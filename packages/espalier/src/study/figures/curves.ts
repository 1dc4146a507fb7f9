/** Panels of curves: a value against the fraction of weights pruned, a colour and a shape for each series. */
import type { TopLevelSpec } from 'vega-lite'
import { baselineRule, colourOf, colourScale, logAxis, type Row, shapeScale, specification, WIDE } from '../drawing.ts'

export interface CurvePoint {
  readonly series: string
  /** Of the weights, pruned. */
  readonly fraction: number
  readonly value: number
  /** 95 % interval. */
  readonly low?: number
  readonly high?: number
  /** The value of each seed. */
  readonly seeds?: readonly number[]
}

export interface CurveOptions {
  readonly title?: string
  /** Title of the vertical axis. */
  readonly y: string
  /** All series in the order of their colours, also of other panels. */
  readonly names: readonly string[]
  readonly baseline?: number
  readonly log?: boolean
  /** Whether the vertical axis begins at 0. */
  readonly zero?: boolean
  /** What of the vertical axis is shown; lines that leave it are cut. */
  readonly range?: readonly [number, number]
  /** Points of one level beside each other, so that their intervals do not cover each other. */
  readonly dodge?: boolean
  readonly size?: { readonly width: number; readonly height: number }
}

const intervalText = ({ low, high }: CurvePoint) => (low === undefined || high === undefined ? {} : { low, high })

/** The numbers of points, for a figure's CSV. */
export const curveRows = (points: readonly CurvePoint[], value: string): Row[] =>
  points.map(point => ({
    series: point.series,
    fraction: point.fraction,
    [value]: point.value,
    ...intervalText(point),
    ...(point.seeds &&
      point.seeds.length > 1 && { seeds: point.seeds.map(seed => Number(seed.toPrecision(6))).join(' ') }),
  }))

const fractionAxis = (fractions: readonly number[]) => {
  const [low, high] = [Math.min(...fractions), Math.max(...fractions)]
  const margin = 0.04 * Math.max(high - low, 0.25)
  return {
    field: 'x',
    type: 'quantitative',
    title: 'weights pruned',
    axis: { format: '.0%', tickCount: 5, labelOverlap: true },
    scale: { domain: [low - margin, high + margin], nice: false },
  }
}

/** Lines with points and intervals, seeds as faint points, and a dashed line where the unpruned model is. */
export function curves(points: readonly CurvePoint[], options: CurveOptions): TopLevelSpec {
  const { title, y, names, baseline, log = false, zero = true, range, dodge = false, size = WIDE } = options
  const all = points.map(point => point.fraction)
  const step = 0.022 * Math.max(0.25, Math.max(...all) - Math.min(...all))
  const values = points.map(point => {
    const place = names.indexOf(point.series) - (names.length - 1) / 2
    return { ...point, x: point.fraction + (dodge ? place * step : 0) }
  })
  const x = fractionAxis(values.map(value => value.x))
  const scale = log ? { type: 'log', nice: false } : range ? { domain: range, nice: false } : { zero, nice: !zero }
  const axis = log ? logAxis(values.map(({ value }) => value)) : {}
  const value = { field: 'value', type: 'quantitative', title: y, scale, axis }
  const color = { field: 'series', type: 'nominal', scale: colourScale(names) }
  const clip = range !== undefined
  const seeds = values.flatMap(row =>
    row.seeds && row.seeds.length > 1 ? row.seeds.map(s => ({ ...row, value: s })) : [],
  )
  const layer: object[] = []
  if (baseline !== undefined) layer.push(baselineRule({ value: baseline }, value))
  layer.push({ mark: { type: 'line', strokeWidth: 1.75, clip }, encoding: { x, y: value, color } })
  if (values.some(row => row.low !== undefined))
    layer.push({
      mark: { type: 'rule', strokeWidth: 2, clip },
      encoding: { x, y: { ...value, field: 'low' }, y2: { field: 'high' }, color },
    })
  if (seeds.length > 0)
    layer.push({
      data: { values: seeds },
      mark: { type: 'point', filled: true, size: 14, opacity: 0.45, clip },
      encoding: { x, y: value, color },
    })
  layer.push({
    mark: { type: 'point', filled: true, size: size === WIDE ? 48 : 26, opacity: 1, clip },
    encoding: { x, y: value, color, shape: { field: 'series', type: 'nominal', scale: shapeScale(names) } },
  })
  return specification({ ...size, ...(title && { title }), data: { values }, layer })
}

/** One series in its colour, the others behind it in grey: a panel of small multiples. */
export function highlighted(
  points: readonly CurvePoint[],
  shown: string,
  { y, names, baseline, log = false, size = WIDE }: CurveOptions,
): TopLevelSpec {
  const x = fractionAxis(points.map(({ fraction }) => fraction))
  const scale = log ? { type: 'log', nice: false } : { zero: true }
  const axis = log ? logAxis(points.map(({ value }) => value)) : {}
  const value = { field: 'value', type: 'quantitative', title: y, scale, axis }
  const values = points.map(point => ({ ...point, x: point.fraction }))
  const own = { data: { values: values.filter(({ series }) => series === shown) } }
  const color = colourOf(names.indexOf(shown))
  return specification({
    ...size,
    title: shown,
    layer: [
      ...(baseline === undefined ? [] : [baselineRule({ value: baseline }, value)]),
      {
        data: { values: values.filter(({ series }) => series !== shown) },
        mark: { type: 'line', strokeWidth: 1, color: '#888888', opacity: 0.45 },
        encoding: { x, y: value, detail: { field: 'series' } },
      },
      { ...own, mark: { type: 'line', strokeWidth: 2.25, color }, encoding: { x, y: value } },
      { ...own, mark: { type: 'point', filled: true, size: 26, color, opacity: 1 }, encoding: { x, y: value } },
    ],
  })
}
