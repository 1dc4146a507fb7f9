/** Where the surviving weights of the LSTM matrices lie: by gate, and as pictures. */
import { type Figure, SMALL, specification, WIDE } from '../drawing.ts'
import { percent } from '../format.ts'
import type { StudyResults } from '../results.ts'
import { heatMap } from './heat-map.ts'
import { matrixName } from './names.ts'

type Redundancy = StudyResults['redundancy'][number]

export function survivingWeightsFigures({ redundancy: [redundancy] }: StudyResults): Figure[] {
  if (!redundancy) return []
  const figures = [gatesFigure(redundancy)]
  return redundancy.pictures.length > 0 ? [...figures, matricesFigure(redundancy)] : figures
}

function gatesFigure({ gates, fraction }: Redundancy): Figure {
  const most = Math.max(...gates.map(({ kept }) => kept))
  const values = gates.map(gate => ({
    ...gate,
    layer: matrixName(gate.tensor).replace(/, .*$/u, '').replace('backward', '←'),
  }))
  const layers = [...new Set(values.map(({ layer }) => layer))]
  const panel = (half: string) =>
    specification({
      width: WIDE.width,
      height: 60 + 26 * layers.length,
      title: half === 'input' ? 'weights of the input' : 'recurrent weights',
      data: { values: values.filter(gate => gate.half === half) },
      encoding: {
        x: {
          field: 'gate',
          type: 'nominal',
          sort: ['input', 'forget', 'cell', 'output'],
          title: 'gate',
          axis: { labelAngle: 0 },
        },
        y: { field: 'layer', type: 'nominal', sort: layers, title: null },
      },
      layer: [
        {
          mark: 'rect',
          encoding: {
            color: { field: 'kept', type: 'quantitative', scale: { scheme: 'viridis', domain: [0, most] } },
          },
        },
        {
          mark: { type: 'text', fontSize: 11 },
          encoding: {
            text: { field: 'kept', type: 'quantitative', format: '.0%' },
            // Beyond this share of the scale's range the ground is bright, so that text on it has to be black.
            color: { condition: { test: `datum.kept > ${0.6 * most}`, value: 'black' }, value: 'white' },
          },
        },
      ],
    })
  return {
    id: 'gates',
    title: `LSTM layers: what is kept, by gate and half, ${percent(fraction)} of all pruned`,
    description:
      'Share of weights kept of each layer: input half and recurrent half of the matrices, by gate; ← reads backwards.',
    panels: ['input', 'recurrent'].map(panel),
    rows: values.map(({ layer, gate, half, kept }) => ({ layer, gate, half, kept })),
  }
}

/** The side of a picture. */
const SIDE = 124

function matricesFigure({ pictures, fraction }: Redundancy): Figure {
  const brightest = Math.max(...pictures.flatMap(({ cells }) => cells.flat()))
  const share = `${Math.round(100 * brightest)} %`
  return {
    id: 'pictures',
    title: `Surviving weights of the LSTM matrices, ${percent(fraction)} of all pruned`,
    description: `Each matrix divided into cells, from dark (none kept) to bright (${share} kept); rows are gates (input, forget, cell, output, from the top), columns are inputs.`,
    panels: pictures.map(({ tensor, cells }) =>
      specification({
        width: SMALL.width,
        height: SIDE + 38,
        title: { text: matrixName(tensor).split(', '), fontSize: 11 },
        data: { values: [{ url: heatMap(cells, brightest) }] },
        mark: { type: 'image', width: SIDE, height: SIDE, aspect: false },
        encoding: { x: { value: SIDE / 2 + 4 }, y: { value: SIDE / 2 }, url: { field: 'url' } },
      }),
    ),
    // A line for each row of cells, as the picture has them.
    rows: pictures.flatMap(({ tensor, cells }) =>
      cells.map(row => ({
        matrix: matrixName(tensor),
        ...Object.fromEntries(row.map((kept, i) => [`column ${i + 1}`, kept])),
      })),
    ),
  }
}
