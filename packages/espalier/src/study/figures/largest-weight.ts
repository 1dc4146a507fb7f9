/** The largest deleted weight and what it costs. */
import { baselineRule, type Figure, HEIGHT, specification, WIDTH } from '../drawing.ts'
import type { ModelResult, StudyResults } from '../results.ts'
import { perplexityAxis } from './perplexity-axis.ts'

export function largestFigure({ breakdown }: StudyResults, dense: ModelResult): Figure {
  return {
    id: 'largest',
    title: 'The largest deleted weight and what it costs',
    description:
      'Each point is a class pruned alone as a scheme would: the largest weight taken from it, and the perplexity that follows; the axes do not begin at 0.',
    spec: specification({
      width: WIDTH,
      height: HEIGHT,
      data: { values: breakdown as object[] },
      layer: [
        baselineRule({ perplexity: dense.validPerplexity }, perplexityAxis(breakdown)),
        {
          mark: { type: 'point', filled: true, size: 80, opacity: 0.9 },
          encoding: {
            x: {
              field: 'largestPruned',
              type: 'quantitative',
              title: 'magnitude of the largest deleted weight',
              scale: { zero: false },
            },
            y: perplexityAxis(breakdown),
            color: { field: 'name', type: 'nominal', title: 'weight class', sort: null },
            shape: { field: 'scheme', type: 'nominal', title: 'scheme', sort: null },
          },
        },
      ],
    }),
  }
}
