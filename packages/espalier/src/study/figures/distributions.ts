/** How weights are distributed. */
import { type Figure, specification } from '../drawing.ts'
import type { StudyResults } from '../results.ts'

export function distributionsFigure({ distributions }: StudyResults): Figure[] {
  if (!distributions) return []
  const { limit, histograms } = distributions
  const rows = histograms.flatMap(({ model, name, counts }) => {
    const weights = counts.reduce((a, b) => a + b, 0)
    const width = (2 * limit) / counts.length
    return counts.map((count, i) => ({
      model,
      name,
      weight: -limit + (i + 0.5) * width,
      density: count / weights / width,
    }))
  })
  return [
    {
      id: 'distributions',
      title: 'Distribution of the weights, class by class',
      description: `Density of the weights that are not zero, of ${[...new Set(histograms.map(({ model }) => model))].join(' and ')}; each class has its own vertical axis, and what lies outside the horizontal one is in the outermost bins.`,
      spec: specification({
        data: { values: rows },
        facet: {
          field: 'name',
          type: 'nominal',
          title: null,
          sort: [...new Set(rows.map(({ name }) => name))],
          header: { labelFontSize: 12 },
        },
        columns: 3,
        resolve: { scale: { y: 'independent' } },
        spec: {
          width: 190,
          height: 110,
          mark: { type: 'line', interpolate: 'step', strokeWidth: 1.5 },
          encoding: {
            x: { field: 'weight', type: 'quantitative', title: null, scale: { nice: false }, axis: { tickCount: 5 } },
            y: { field: 'density', type: 'quantitative', title: null, axis: { tickCount: 3 } },
            color: { field: 'model', type: 'nominal', title: 'model', sort: null },
          },
        },
      }),
    },
  ]
}
