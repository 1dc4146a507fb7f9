/** Layers pruned alone: what they lose by depth, by the magnitude of what is taken, and by gate and half. */
import { type RisenPoint, risenPoints, STACKS } from '../claims/layer-trends.ts'
import { type Figure, specification } from '../drawing.ts'
import { percent } from '../format.ts'
import type { StudyResults } from '../results.ts'
import { average } from '../statistics/average.ts'
import { groupBy } from '../statistics/group-by.ts'

type Row = RisenPoint & { readonly seed: number }

/** Of one of two pictures side by side. */
const [PANEL_WIDTH, PANEL_HEIGHT] = [220, 200]
const BY = { fraction: 'same fraction of each layer', threshold: 'same magnitude in each layer' }
const GATES = ['input', 'forget', 'cell', 'output']

const header = { labelFontSize: 12 }
const stackColumn = { field: 'stack', type: 'nominal', title: null, sort: STACKS, header }
const rise = { field: 'rise', type: 'quantitative', title: 'rise of log perplexity' }
const point = (opacity: number, size: number) => ({ type: 'point', filled: true, size, opacity })

export function layersFigures({ layers = [] }: StudyResults): Figure[] {
  const rows = layers.flatMap(one => risenPoints(one).map((risen): Row => ({ ...risen, seed: one.seed })))
  const whole = rows.filter(({ gate }) => gate === undefined)
  const parts = rows.filter(({ gate }) => gate !== undefined)
  return [
    ...(whole.length > 0 ? [depthFigure(whole), magnitudeFigure(whole)] : []),
    ...(parts.length > 0 ? [partsFigure(parts)] : []),
  ]
}

const seedsText = (rows: readonly Row[]) => {
  const seeds = new Set(rows.map(({ seed }) => seed)).size
  return seeds > 1 ? `Means of ${seeds} seeds` : 'One seed'
}

function depthFigure(rows: readonly Row[]): Figure {
  const values = rows.map(row => ({ ...row, by: BY[row.by], level: percent(row.level) }))
  const levels = [...new Set(values.map(({ level }) => level))]
  const mean = { ...rise, aggregate: 'mean' }
  return {
    id: 'layers',
    title: 'One layer pruned alone, by its depth',
    description: `Rise of log perplexity (nats a word) on the validation text when one layer alone is pruned: the same fraction of each layer, or the weights below one magnitude, at which that fraction of all layers together goes; layer 1 reads the words. ${seedsText(rows)}, each seed a faint point.`,
    spec: specification({
      data: { values },
      facet: {
        column: stackColumn,
        row: { field: 'by', type: 'nominal', title: null, sort: Object.values(BY), header },
      },
      spec: {
        width: PANEL_WIDTH,
        height: PANEL_HEIGHT,
        encoding: {
          x: { field: 'depth', type: 'ordinal', title: 'layer', axis: { labelAngle: 0 } },
          color: { field: 'level', type: 'nominal', title: 'pruned', sort: levels },
        },
        layer: [
          { mark: point(0.3, 30), encoding: { y: rise } },
          { mark: { type: 'line', strokeWidth: 2 }, encoding: { y: mean } },
          { mark: point(1, 45), encoding: { y: mean } },
        ],
      },
    }),
  }
}

function magnitudeFigure(rows: readonly Row[]): Figure {
  const layer = { field: 'depth', type: 'nominal', title: 'layer' }
  return {
    id: 'layers-magnitude',
    title: 'What a layer loses, by the norm of what is taken',
    description:
      "Each point is a layer pruned alone to one fraction, of one seed's model: the Euclidean norm of the weights that went, and the rise of log perplexity (nats a word) on the validation text. If magnitude alone mattered, the layers would lie on one curve.",
    spec: specification({
      data: { values: rows.filter(({ by }) => by === 'fraction') },
      facet: { column: stackColumn },
      spec: {
        width: PANEL_WIDTH,
        height: PANEL_HEIGHT,
        mark: point(0.9, 60),
        encoding: {
          x: { field: 'norm', type: 'quantitative', title: 'norm of the deleted weights', scale: { zero: false } },
          y: rise,
          color: layer,
          shape: layer,
        },
      },
    }),
  }
}

/** Means over seeds, one for each gate, half and layer. */
function partMeans(rows: readonly Row[]) {
  return [...groupBy(rows, ({ layer, gate, half }) => [layer, gate, half].join()).values()].map(group => ({
    ...group[0],
    half: `${group[0].half} half`,
    rise: average(group.map(row => row.rise)),
  }))
}

function partsFigure(rows: readonly Row[]): Figure {
  const level = Math.max(...rows.map(row => row.level))
  const found = rows.filter(row => row.level === level)
  const values = partMeans(found)
  // Beyond this share of the scale's range the ground is bright, so that text on it has to be black.
  const [least, most] = [Math.min(...values.map(row => row.rise)), Math.max(...values.map(row => row.rise))]
  const bright = least + 0.6 * (most - least)
  return {
    id: 'layer-parts',
    title: `One gate of a layer pruned alone, by ${percent(level)}`,
    description: `Rise of log perplexity (nats a word) on the validation text when ${percent(level)} go of one gate's weights: of those that multiply the layer's input, or of those that multiply its own state of the step before. ${seedsText(found)}.`,
    spec: specification({
      data: { values },
      facet: { column: { field: 'half', type: 'nominal', title: null, header } },
      spec: {
        width: PANEL_WIDTH,
        height: { step: 24 },
        encoding: {
          x: { field: 'gate', type: 'nominal', sort: GATES, title: 'gate', axis: { labelAngle: 0 } },
          y: { field: 'layer', type: 'nominal', title: null, sort: [...new Set(values.map(({ layer }) => layer))] },
        },
        layer: [
          { mark: 'rect', encoding: { color: { ...rise, title: 'rise', scale: { scheme: 'viridis' } } } },
          {
            mark: { type: 'text', fontSize: 11 },
            encoding: {
              text: { field: 'rise', type: 'quantitative', format: '.3f' },
              color: { condition: { test: `datum.rise > ${bright}`, value: 'black' }, value: 'white' },
            },
          },
        ],
      },
    }),
  }
}
