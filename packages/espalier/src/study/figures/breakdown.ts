/** What each class loses by, scheme by scheme. */
import { baselineRule, colourScale, type Figure, seriesLegend, shapeScale, specification, WIDE } from '../drawing.ts'
import type { ModelResult, StudyResults } from '../results.ts'
import { className } from './names.ts'
import { perplexityAxis } from './perplexity-axis.ts'

export function breakdownFigure({ breakdown, configuration }: StudyResults, dense: ModelResult): Figure[] {
  if (breakdown.length === 0) return []
  const at = (configuration as { study: { breakdownAt: number } }).study.breakdownAt
  const values = breakdown.map(point => ({ ...point, name: className(point.name) }))
  const names = [...new Set(values.map(({ name }) => name))]
  const schemes = [...new Set(values.map(({ scheme }) => scheme))]
  return [
    {
      id: 'breakdown',
      title: `What each weight class costs, at ${100 * at} % of all weights`,
      description: `Validation perplexity (logarithmic) with one class alone pruned as each scheme would at ${100 * at} % in all; dashed: the unpruned model, ${dense.validPerplexity.toFixed(2)}.`,
      panels: [
        specification({
          width: WIDE.width,
          height: 56 + 22 * names.length,
          data: { values },
          layer: [
            { ...baselineRule({ perplexity: dense.validPerplexity }, {}), encoding: { x: perplexityAxis(breakdown) } },
            {
              mark: { type: 'point', filled: true, size: 60, opacity: 0.9 },
              encoding: {
                y: { field: 'name', type: 'nominal', sort: names, title: null, axis: { grid: true } },
                x: perplexityAxis(breakdown),
                color: { field: 'scheme', type: 'nominal', scale: colourScale(schemes) },
                shape: { field: 'scheme', type: 'nominal', scale: shapeScale(schemes) },
              },
            },
          ],
        }),
      ],
      legend: seriesLegend(schemes),
      rows: breakdown.map(({ scheme, name, fraction, perplexity }) => ({ scheme, class: name, fraction, perplexity })),
    },
  ]
}
