/**
 * How figures are drawn: their common look, and SVG from Vega-Lite specifications. A figure is one panel or several of one size;
 * a page puts them side by side where there is room, so that their letters are as large on a phone as on a desk.
 */
import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

/** What a number or a name of a figure's data may be. */
export type Row = Readonly<Record<string, string | number | undefined>>

/** What a colour, a shape or a dash stands for. */
export interface LegendEntry {
  readonly label: string
  /** Its place in the palette; without one, the ink's colour. */
  readonly colour?: number
  /** Its place in the list of shapes; without one, a line. */
  readonly shape?: number
  readonly dashed?: boolean
}

/** A figure, before it is drawn. */
export interface Figure {
  /** Name of its files: `figures/ID.svg`, `figures/ID.csv`. */
  readonly id: string
  readonly title: string
  /** What it shows, in words: its caption and its alternative text. */
  readonly description: string
  /** Single views (no facets: make a panel of each), of the sizes `WIDE` or `SMALL`. */
  readonly panels: readonly TopLevelSpec[]
  /** A figure's legend stands once above its panels: Vega's own are switched off. */
  readonly legend?: readonly LegendEntry[]
  /** The numbers that are drawn, as they are offered as a CSV file. */
  readonly rows: readonly Row[]
}

/** A figure's panels as SVG. */
export interface DrawnFigure {
  readonly figure: Figure
  readonly panels: readonly string[]
}

/** Sizes of panels, axes and titles included: one, or two, beside each other on the smallest screens. */
export const WIDE = { width: 320, height: 240 }
export const SMALL = { width: 160, height: 150 }

/**
 * Okabe & Ito's colours, which the colour-blind can tell apart, and lighter ones of the same hues for dark ground: each has a
 * contrast of at least 3 : 1 with its ground (WCAG 2.2, 1.4.11).
 */
export const PALETTE = [
  { light: '#0072b2', dark: '#56b4e9' },
  { light: '#c24e00', dark: '#ff9248' },
  { light: '#00845f', dark: '#2fd0a2' },
  { light: '#b0579a', dark: '#eaa3d3' },
  { light: '#946200', dark: '#e6b12e' },
  { light: '#5b4fc4', dark: '#b1a8ff' },
  { light: '#6b6b6b', dark: '#b8b8b8' },
  { light: '#7d2f2f', dark: '#e58f8f' },
] as const
export const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down'] as const
/** The colour of the text around a figure, in a specification. */
export const INK = 'currentColor'

/** The colour of the n-th series, in a specification. */
export const colourOf = (place: number) => PALETTE[place % PALETTE.length].light

/** Legend of series that differ in colour and shape, in the order of their places. */
export const seriesLegend = (names: readonly string[]): LegendEntry[] =>
  names.map((label, place) => ({ label, colour: place, shape: place }))

/** How names are coloured: as `seriesLegend` says of them. */
export const colourScale = (names: readonly string[]) => ({ domain: names, range: names.map((_, i) => colourOf(i)) })
export const shapeScale = (names: readonly string[]) => ({
  domain: names,
  range: names.map((_, i) => SHAPES[i % SHAPES.length]),
})

const LETTERS = { labelFontSize: 11, titleFontSize: 11 }
const CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  // Vega forgets a part of a title's height beside an axis whose highest label is not at its end.
  padding: { left: 2, right: 4, top: 10, bottom: 2 },
  autosize: { type: 'fit', contains: 'padding' },
  aria: false,
  view: { stroke: 'transparent' },
  range: { category: PALETTE.map(({ light }) => light), symbol: SHAPES },
  axis: {
    labelColor: INK,
    titleColor: INK,
    domainColor: INK,
    tickColor: INK,
    gridColor: INK,
    gridOpacity: 0.14,
    titleFontWeight: 'normal',
    // None: cutting labels off would need a canvas to measure them (see `letterWidth`).
    labelLimit: 0,
    ...LETTERS,
  },
  axisQuantitative: { tickCount: 5, labelOverlap: 'greedy', labelSeparation: 5 },
  legend: { disable: true },
  title: { color: INK, fontSize: 12, fontWeight: 600, anchor: 'start', frame: 'bounds', offset: 6 },
} as const

/**
 * A specification built of parts that Vega-Lite's type, a union of some hundred shapes, is too narrow to infer. What is wrong in
 * it is found when it is compiled, which a test does for every figure.
 */
export const specification = (spec: object) => spec as TopLevelSpec

/** A dashed line where the unpruned model is. @param y the axis that it stands on */
export const baselineRule = (values: object, y: object) => ({
  data: { values: [values] },
  mark: { type: 'rule', strokeDash: [5, 4], color: INK, opacity: 0.8 },
  encoding: { y },
})

/** Labels of a logarithmic axis: 1, 2 and 5 of each power of ten, or the powers alone where they are many. */
export function logAxis(values: readonly number[]): object {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const decades: number[] = []
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) decades.push(10 ** power)
  const ticks = decades.length > 4 ? decades : decades.flatMap(power => [power, 2 * power, 5 * power])
  const inside = ticks.filter(tick => tick >= low && tick <= high)
  return { format: '~g', ...(inside.length >= 3 && { values: inside }) }
}

/**
 * Without a canvas Vega takes a letter to be 0.8 em wide, and leaves as much room for labels as would be half of a small panel.
 * System fonts have between 0.5 and 0.6. Vega's types do not tell of this setting.
 */
const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: { fontSize?: number }, text: unknown) => number }
}
textMetrics.width = ({ fontSize = 11 }, text) => 0.58 * fontSize * String(text ?? '').length

/** Draws the panels of a figure, their ink in the colour of the text around them. */
export async function drawFigure(figure: Figure): Promise<DrawnFigure> {
  const panels: string[] = []
  for (const [i, spec] of figure.panels.entries()) panels.push(apart(await drawPanel(spec), `${figure.id}-${i}`))
  return { figure, panels }
}

async function drawPanel(spec: TopLevelSpec): Promise<string> {
  const view = new vega.View(vega.parse(compile({ config: CONFIG as never, ...spec } as TopLevelSpec).spec), {
    renderer: 'none',
  })
  const svg = await view.toSVG()
  view.finalize()
  // Hundredths of a point are finer than any screen; numbers that are read stand between the tags.
  const rounded = (number: string) => String(Number(Number(number).toFixed(2)))
  return svg.replace(/<[^>]+>/gu, tag => tag.replace(/-?\d+\.\d{3,}/gu, rounded))
}

/** Names that are a panel's own: several panels stand in one page, and each has a `clip0`. */
const apart = (svg: string, prefix: string) =>
  svg.replace(/\bid="([^"]+)"/gu, `id="${prefix}-$1"`).replace(/url\(#([^)]+)\)/gu, `url(#${prefix}-$1)`)

export const escapeXml = (text: string) =>
  text.replace(/[&<>"']/gu, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!)

/** A number of the form `name="12"` in the first tag of a panel. */
export const sizeOfPanel = (svg: string) => {
  const read = (name: string) => Number(svg.match(new RegExp(` ${name}="([\\d.]+)"`, 'u'))?.[1] ?? 0)
  return { width: read('width'), height: read('height') }
}
