/** The largest deleted weight and what it costs. */
import { baselineRule, colourOf, type Figure, SHAPES, specification, WIDE } from '../drawing.ts'
import type { ModelResult, StudyResults } from '../results.ts'
import { className } from './names.ts'
import { perplexityAxis } from './perplexity-axis.ts'

export function largestFigure({ breakdown }: StudyResults, dense: ModelResult): Figure[] {
  const schemes = [...new Set(breakdown.map(({ scheme }) => scheme))]
  const classes = [...new Set(breakdown.map(({ name }) => name))]
  const x = {
    field: 'largestPruned',
    type: 'quantitative',
    title: 'magnitude of the largest deleted weight',
    scale: { zero: false, domain: extent(breakdown.map(({ largestPruned }) => largestPruned)) },
  }
  // Colour is the side of the network, shape the part: eight colours at once can hardly be told apart.
  const colour = (name: string) => (name.startsWith('source') ? 0 : name.startsWith('target') ? 1 : 2)
  const places = new Map<string, number>()
  const marks = classes.map(name => {
    const side = String(colour(name))
    const place = places.get(side) ?? 0
    places.set(side, place + 1)
    return { name, label: className(name), colour: colour(name), shape: place }
  })
  return schemes.length === 0
    ? []
    : [
        {
          id: 'largest',
          title: 'The largest deleted weight and what it costs',
          description:
            'A panel for each scheme, a point for each class pruned alone as that scheme would: the largest weight taken from it, and the perplexity that follows (logarithmic). The axes do not begin at 0; dashed: the unpruned model.',
          panels: schemes.map(scheme =>
            specification({
              ...WIDE,
              title: scheme,
              data: { values: breakdown.filter(point => point.scheme === scheme) },
              layer: [
                baselineRule({ perplexity: dense.validPerplexity }, perplexityAxis(breakdown)),
                {
                  mark: { type: 'point', filled: true, size: 70, opacity: 0.95 },
                  encoding: {
                    x,
                    y: perplexityAxis(breakdown),
                    color: {
                      field: 'name',
                      type: 'nominal',
                      scale: { domain: classes, range: marks.map(mark => colourOf(mark.colour)) },
                    },
                    shape: {
                      field: 'name',
                      type: 'nominal',
                      scale: { domain: classes, range: marks.map(mark => SHAPES[mark.shape % SHAPES.length]) },
                    },
                  },
                },
              ],
            }),
          ),
          legend: marks.map(({ label, colour, shape }) => ({ label, colour, shape })),
          rows: breakdown.map(({ scheme, name, largestPruned, perplexity }) => ({
            scheme,
            class: name,
            largestPruned,
            perplexity,
          })),
        },
      ]
}

function extent(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const margin = 0.05 * (high - low || 1)
  return [low - margin, high + margin]
}
