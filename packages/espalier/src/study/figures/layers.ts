/** Layers pruned alone: what they lose by depth, by the magnitude of what is taken, and by gate and half. */
import { type RetrainedPoint, type RisenPoint, retrainedPoints, risenPoints, STACKS } from '../claims/layer-trends.ts'
import {
  colourScale,
  type Figure,
  type Row as FigureRow,
  seriesLegend,
  shapeScale,
  specification,
  WIDE,
} from '../drawing.ts'
import { percent } from '../format.ts'
import type { StudyResults } from '../results.ts'
import { average } from '../statistics/average.ts'
import { groupBy } from '../statistics/group-by.ts'
import { className } from './names.ts'

type Row = RisenPoint & { readonly seed: number }
type DepthRow = RetrainedPoint & { readonly seed: number; readonly by: keyof typeof BY }

const BY = { fraction: 'to one fraction', threshold: 'below one magnitude', retrained: 'retrained' }
const GATES = ['input', 'forget', 'cell', 'output']

const rise = { field: 'rise', type: 'quantitative', title: 'rise of log perplexity' }
const point = (opacity: number, size: number) => ({ type: 'point', filled: true, size, opacity })

export function layersFigures({ layers = [], models }: StudyResults): Figure[] {
  const rows = layers.flatMap(one => risenPoints(one).map((risen): Row => ({ ...risen, seed: one.seed })))
  const whole = rows.filter(({ gate }) => gate === undefined)
  const parts = rows.filter(({ gate }) => gate !== undefined)
  const retrained = layers.flatMap(one =>
    retrainedPoints(one, models).map((risen): DepthRow => ({ ...risen, seed: one.seed, by: 'retrained' })),
  )
  return [
    ...(whole.length > 0 ? [depthFigure([...whole, ...retrained]), magnitudeFigure(whole)] : []),
    ...(parts.length > 0 ? [partsFigure(parts)] : []),
  ]
}

const seedsText = (rows: readonly { readonly seed: number }[]) => {
  const seeds = new Set(rows.map(({ seed }) => seed)).size
  return seeds > 1 ? `Means of ${seeds} seeds` : 'One seed'
}

/** The numbers of points, for a figure's CSV. */
const layerRows = (rows: readonly (DepthRow & Partial<Omit<Row, 'by'>>)[]): FigureRow[] =>
  rows.map(({ seed, stack, depth, gate, half, by, level, pruned, largestPruned, norm, perplexity, rise }) => ({
    ...{ seed, stack, depth, gate, half, by, level, pruned, largestPruned, norm, perplexity, rise },
  }))

function depthFigure(rows: readonly DepthRow[]): Figure {
  const values = rows.map(row => ({ ...row, level: percent(row.level) }))
  const levels = [...new Set(values.map(({ level }) => level))]
  const mean = { ...rise, aggregate: 'mean' }
  const panel = (stack: string, by: DepthRow['by']) =>
    specification({
      ...WIDE,
      title: `${stack}, ${BY[by]}`,
      data: { values: values.filter(row => row.stack === stack && row.by === by) },
      encoding: {
        x: { field: 'depth', type: 'ordinal', title: 'layer', axis: { labelAngle: 0 } },
        color: { field: 'level', type: 'nominal', scale: colourScale(levels) },
      },
      layer: [
        { mark: point(0.4, 22), encoding: { y: rise } },
        { mark: { type: 'line', strokeWidth: 1.75 }, encoding: { y: mean } },
        {
          mark: point(1, 42),
          encoding: { y: mean, shape: { field: 'level', type: 'nominal', scale: shapeScale(levels) } },
        },
      ],
    })
  const kinds = (Object.keys(BY) as DepthRow['by'][]).filter(by => rows.some(row => row.by === by))
  return {
    id: 'layers',
    title: 'One layer pruned alone, by its depth',
    description: `Rise of log perplexity (nats a word) on the validation text when one layer alone is pruned: the same fraction of each layer, or the weights below one magnitude, at which that fraction of all layers together goes${kinds.includes('retrained') ? '; or the same fraction, retrained, against the unpruned model trained on for as long' : ''}. Layer 1 reads the words. ${seedsText(rows)}, each seed a faint point.`,
    panels: kinds.flatMap(by => STACKS.map(stack => panel(stack, by))),
    legend: seriesLegend(levels),
    rows: layerRows(rows),
  }
}

function magnitudeFigure(rows: readonly Row[]): Figure {
  const values = rows.filter(({ by }) => by === 'fraction').map(row => ({ ...row, layer: `layer ${row.depth}` }))
  const layers = [...new Set(values.map(({ layer }) => layer))].sort()
  const panel = (stack: string) =>
    specification({
      ...WIDE,
      title: stack,
      data: { values: values.filter(row => row.stack === stack) },
      mark: point(0.9, 46),
      encoding: {
        x: { field: 'norm', type: 'quantitative', title: 'norm of the deleted weights', scale: { zero: false } },
        y: rise,
        color: { field: 'layer', type: 'nominal', scale: colourScale(layers) },
        shape: { field: 'layer', type: 'nominal', scale: shapeScale(layers) },
      },
    })
  return {
    id: 'layers-magnitude',
    title: 'What a layer loses, by the norm of what is taken',
    description:
      "Each point is a layer pruned alone to one fraction, of one seed's model: the Euclidean norm of the weights that went, and the rise of log perplexity (nats a word) on the validation text. If magnitude alone mattered, the layers would lie on one curve.",
    panels: STACKS.map(panel),
    legend: seriesLegend(layers),
    rows: layerRows(rows.filter(({ by }) => by === 'fraction')),
  }
}

/** Means over seeds, one for each gate, half and layer. */
function partMeans(rows: readonly Row[]) {
  return [...groupBy(rows, ({ layer, gate, half }) => [layer, gate, half].join()).values()].map(group => ({
    ...group[0],
    layer: className(group[0].layer),
    rise: average(group.map(row => row.rise)),
  }))
}

function partsFigure(rows: readonly Row[]): Figure {
  const level = Math.max(...rows.map(row => row.level))
  const found = rows.filter(row => row.level === level)
  const values = partMeans(found)
  const layers = [...new Set(values.map(({ layer }) => layer))]
  const [least, most] = [Math.min(...values.map(row => row.rise)), Math.max(...values.map(row => row.rise))]
  const panel = (half: string) =>
    specification({
      width: WIDE.width,
      height: 60 + 26 * layers.length,
      title: `${half} half`,
      data: { values: values.filter(row => row.half === half) },
      encoding: {
        x: { field: 'gate', type: 'nominal', sort: GATES, title: 'gate', axis: { labelAngle: 0 } },
        y: { field: 'layer', type: 'nominal', title: null, sort: layers },
      },
      layer: [
        { mark: 'rect', encoding: { color: { ...rise, scale: { scheme: 'viridis', domain: [least, most] } } } },
        {
          mark: { type: 'text', fontSize: 11 },
          encoding: {
            text: { field: 'rise', type: 'quantitative', format: '.3f' },
            // Beyond this share of the scale's range the ground is bright, so that text on it has to be black.
            color: {
              condition: { test: `datum.rise > ${least + 0.6 * (most - least)}`, value: 'black' },
              value: 'white',
            },
          },
        },
      ],
    })
  return {
    id: 'layer-parts',
    title: `One gate of a layer pruned alone, by ${percent(level)}`,
    description: `Rise of log perplexity (nats a word) on the validation text when ${percent(level)} go of one gate's weights: of those that multiply the layer's input, or of those that multiply its own state of the step before. ${seedsText(found)}.`,
    panels: ['input', 'recurrent'].map(panel),
    rows: layerRows(found),
  }
}
