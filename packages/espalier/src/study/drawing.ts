/** How figures are drawn: their common look, axes and marks, and SVG from a Vega-Lite specification. */
import { PNG } from 'pngjs'
import { parse, scheme, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

/** A figure, before it is drawn. */
export interface Figure {
  /** Name of its file. */
  readonly id: string
  readonly title: string
  /** What it shows, in words: the alternative text. */
  readonly description: string
  readonly spec: TopLevelSpec
}

/** Okabe & Ito's colours, which the colour-blind can tell apart, on light and on dark ground. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#999999', '#8a6d3b']
export const INK = 'currentColor'
export const WIDTH = 560
export const HEIGHT = 300

const CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: 'transparent' },
  range: { category: COLOURS },
  axis: {
    labelColor: INK,
    titleColor: INK,
    domainColor: INK,
    tickColor: INK,
    gridColor: INK,
    gridOpacity: 0.12,
    labelFontSize: 12,
    titleFontSize: 12,
  },
  legend: {
    labelColor: INK,
    titleColor: INK,
    labelFontSize: 12,
    titleFontSize: 12,
    orient: 'right',
    symbolStrokeWidth: 2,
    symbolBaseFillColor: INK,
    symbolBaseStrokeColor: INK,
    labelLimit: 260,
  },
  header: { labelColor: INK, titleColor: INK, labelFontSize: 11 },
  title: { color: INK },
} as const

/**
 * A specification built of parts that Vega-Lite's type, a union of some hundred shapes, is too narrow to infer. What is wrong in
 * it is found when it is compiled, which a test does for every figure.
 */
export const specification = (spec: object) => spec as TopLevelSpec

/** A dashed line where the unpruned model is. @param y the axis that it stands on */
export const baselineRule = (values: object, y: object) => ({
  data: { values: [values] },
  mark: { type: 'rule', strokeDash: [5, 4], color: INK, opacity: 0.7 },
  encoding: { y },
})

/** Draws a figure. @returns SVG that says what it shows, its ink in the colour of the text around it */
export async function drawFigure({ spec, title, description }: Figure): Promise<string> {
  const view = new View(parse(compile({ config: CONFIG as never, ...spec } as TopLevelSpec).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return svg.replace('<svg ', `<svg role="img" aria-label="${escapeXml(`${title}. ${description}`)}" `)
}

export const escapeXml = (text: string) =>
  text.replace(/[&<>"']/gu, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!)

/** Labels of a logarithmic axis: 1, 2 and 5 of each power of ten, or the powers alone where they are many. */
export function logAxis(values: readonly number[]): object {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const decades: number[] = []
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) decades.push(10 ** power)
  const ticks = decades.length > 4 ? decades : decades.flatMap(power => [power, 2 * power, 5 * power])
  const inside = ticks.filter(tick => tick >= low && tick <= high)
  return { format: '~g', ...(inside.length >= 3 && { values: inside }) }
}

type Axis = { field: string; type: 'quantitative'; title: string; axis?: object; scale?: object }
const fractionAxis = (title = 'weights pruned'): Axis => ({
  field: 'fraction',
  type: 'quantitative',
  title,
  axis: { format: '.0%' },
  scale: { domain: [0, 1] },
})

/** A point of a curve, and its interval. */
export interface CurveRow {
  readonly series: string
  readonly fraction: number
  readonly value: number
  readonly low?: number
  readonly high?: number
}

export interface CurveOptions {
  readonly y: string
  readonly baseline?: number
  readonly log?: boolean
  /** Whether the vertical axis begins at 0. */
  readonly zero?: boolean
  /** Title of the legend. */
  readonly series: string
  /** Single measurements that the curves are means of: drawn as faint points. */
  readonly seeds?: readonly CurveRow[]
}

/** Lines with points, one colour a series, and a dashed line where the unpruned model is. */
export function curves(
  rows: readonly CurveRow[],
  { y, baseline, log = false, zero = true, series, seeds = [] }: CurveOptions,
): TopLevelSpec {
  const names = [...new Set(rows.map(row => row.series))]
  const color = { field: 'series', type: 'nominal' as const, title: series, scale: { domain: names }, sort: names }
  const value = {
    field: 'value',
    type: 'quantitative' as const,
    title: y,
    scale: log ? { type: 'log' as const, nice: false } : { zero, nice: !zero || undefined },
    axis: log ? logAxis(rows.map(row => row.value)) : {},
  }
  const layer: object[] = [
    { mark: { type: 'line', strokeWidth: 2 }, encoding: { x: fractionAxis(), y: value, color } },
    {
      mark: { type: 'point', filled: true, size: 45, opacity: 1 },
      encoding: { x: fractionAxis(), y: value, color, shape: { ...color } },
    },
  ]
  if (rows.some(row => row.low !== undefined))
    layer.unshift({
      mark: { type: 'rule', strokeWidth: 1, opacity: 0.6 },
      encoding: { x: fractionAxis(), y: { ...value, field: 'low' }, y2: { field: 'high' }, color },
    })
  if (seeds.length > 0)
    layer.unshift({
      data: { values: seeds },
      mark: { type: 'point', filled: true, size: 25, opacity: 0.35 },
      encoding: { x: fractionAxis(), y: value, color },
    })
  if (baseline !== undefined) layer.unshift(baselineRule({ value: baseline }, value))
  return specification({ width: WIDTH, height: HEIGHT, data: { values: rows }, layer })
}

/** A matrix of shares as a picture, from dark to bright. @returns a data URL of a PNG */
export function heatMap(cells: readonly (readonly number[])[], brightest: number): string {
  const colour = scheme('viridis') as (share: number) => string
  const image = new PNG({ width: cells[0].length, height: cells.length })
  cells.flat().forEach((share, i) => {
    const [red, green, blue] = colour(share / brightest).match(/\d+/gu)!
    image.data.set([Number(red), Number(green), Number(blue), 255], 4 * i)
  })
  return `data:image/png;base64,${PNG.sync.write(image).toString('base64')}`
}
