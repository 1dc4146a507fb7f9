/** Where the surviving weights of the LSTM matrices lie: by gate, and as pictures. */
import { type Figure, heatMap, specification } from '../drawing.ts'
import { percent } from '../format.ts'
import type { StudyResults } from '../results.ts'

type Redundancy = StudyResults['redundancy'][number]

export function survivingWeightsFigures({ redundancy: [redundancy] }: StudyResults): Figure[] {
  if (!redundancy) return []
  const figures = [gatesFigure(redundancy)]
  return redundancy.pictures.length > 0 ? [...figures, matricesFigure(redundancy)] : figures
}

function gatesFigure({ gates, fraction }: Redundancy): Figure {
  const scale = { scheme: 'viridis', domainMin: 0 }
  // Beyond this share of the scale's range the ground is bright, so that text on it has to be black.
  const bright = 0.6 * Math.max(...gates.map(({ kept }) => kept))
  return {
    id: 'gates',
    title: `LSTM layers: what is kept, by gate and half, ${percent(fraction)} of all pruned`,
    description: 'Share of weights kept of each layer: input half and recurrent half of the matrices, by gate.',
    spec: specification({
      data: { values: gates },
      facet: { column: { field: 'half', title: null } },
      spec: {
        width: 200,
        height: { step: 24 },
        encoding: {
          x: {
            field: 'gate',
            type: 'nominal',
            sort: ['input', 'forget', 'cell', 'output'],
            title: 'gate',
            axis: { labelAngle: 0 },
          },
          y: { field: 'layer', type: 'nominal', title: null },
        },
        layer: [
          {
            mark: 'rect',
            encoding: {
              color: { field: 'kept', type: 'quantitative', title: 'kept', scale, legend: { format: '.0%' } },
            },
          },
          {
            mark: { type: 'text', fontSize: 11 },
            encoding: {
              text: { field: 'kept', type: 'quantitative', format: '.0%' },
              color: { condition: { test: `datum.kept > ${bright}`, value: 'black' }, value: 'white' },
            },
          },
        ],
      },
    }),
  }
}

function matricesFigure({ pictures, fraction }: Redundancy): Figure {
  const brightest = Math.max(...pictures.flatMap(({ cells }) => cells.flat()))
  const rows = pictures.map(({ tensor, cells }) => ({ tensor, url: heatMap(cells, brightest) }))
  return {
    id: 'pictures',
    title: `Surviving weights of the LSTM matrices, ${percent(fraction)} of all pruned`,
    description: `Each matrix divided into cells, from dark (none kept) to bright (${Math.round(100 * brightest)} % kept); rows are gates (input, forget, cell, output, from the top), columns are inputs.`,
    spec: specification({
      data: { values: rows },
      facet: {
        field: 'tensor',
        type: 'nominal',
        title: null,
        sort: rows.map(({ tensor }) => tensor),
        header: { labelFontSize: 12 },
      },
      columns: 4,
      spec: {
        width: 150,
        height: 150,
        mark: { type: 'image', width: 150, height: 150, aspect: false },
        encoding: { x: { value: 75 }, y: { value: 75 }, url: { field: 'url' } },
      },
    }),
  }
}
