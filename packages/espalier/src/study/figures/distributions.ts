/** How weights are distributed. */
import { colourScale, type Figure, SMALL, specification } from '../drawing.ts'
import type { StudyResults } from '../results.ts'
import { className } from './names.ts'

export function distributionsFigure({ distributions }: StudyResults): Figure[] {
  if (!distributions) return []
  const { limit, histograms } = distributions
  const rows = histograms.flatMap(({ model, name, counts }) => {
    const weights = counts.reduce((a, b) => a + b, 0)
    const width = (2 * limit) / counts.length
    return counts.map((count, i) => ({
      model,
      class: name,
      weight: Number((-limit + (i + 0.5) * width).toPrecision(4)),
      density: Number((count / weights / width).toPrecision(4)),
    }))
  })
  const models = [...new Set(histograms.map(({ model }) => model))]
  const classes = [...new Set(histograms.map(({ name }) => name))]
  return [
    {
      id: 'distributions',
      title: 'Distribution of the weights, class by class',
      description: `Density of the weights that are not zero, of ${models.join(' and ')}; each class has its own vertical axis, and what lies outside the horizontal one is in the outermost bins.`,
      panels: classes.map(name =>
        specification({
          ...SMALL,
          title: className(name),
          data: { values: rows.filter(row => row.class === name) },
          mark: { type: 'line', interpolate: 'step', strokeWidth: 1.25 },
          encoding: {
            x: {
              field: 'weight',
              type: 'quantitative',
              title: 'weight',
              scale: { nice: false },
              axis: { tickCount: 3 },
            },
            y: { field: 'density', type: 'quantitative', title: null, axis: { tickCount: 3 } },
            color: { field: 'model', type: 'nominal', scale: colourScale(models) },
          },
        }),
      ),
      legend: models.map((label, colour) => ({ label, colour })),
      rows,
    },
  ]
}
