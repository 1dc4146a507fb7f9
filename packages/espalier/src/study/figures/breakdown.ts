/** What each class loses by. */
import { baselineRule, type Figure, HEIGHT, specification, WIDTH } from '../drawing.ts'
import type { ModelResult, StudyResults } from '../results.ts'
import { perplexityAxis } from './perplexity-axis.ts'

export function breakdownFigure({ breakdown, configuration }: StudyResults, dense: ModelResult): Figure {
  const at = (configuration as { study: { breakdownAt: number } }).study.breakdownAt
  const names = [...new Set(breakdown.map(({ name }) => name))]
  return {
    id: 'breakdown',
    title: `What each class loses by, at ${100 * at} % of all weights`,
    description: `Validation perplexity with one class alone pruned as each scheme would at ${100 * at} % in all; dashed: the unpruned model, ${dense.validPerplexity.toFixed(2)}.`,
    spec: specification({
      width: WIDTH,
      height: HEIGHT,
      data: { values: breakdown as object[] },
      layer: [
        baselineRule({ perplexity: dense.validPerplexity }, perplexityAxis(breakdown)),
        {
          mark: { type: 'point', filled: true, size: 80, opacity: 0.9 },
          encoding: {
            x: { field: 'name', type: 'nominal', sort: names, title: null, axis: { labelAngle: -40 } },
            y: perplexityAxis(breakdown),
            color: { field: 'scheme', type: 'nominal', title: 'scheme', sort: null },
            shape: { field: 'scheme', type: 'nominal', title: 'scheme', sort: null },
          },
        },
      ],
    }),
  }
}
