/** BLEU against what a model costs who uses it: the bytes of its packed file, and its speed. */
import { type Figure, HEIGHT, INK, logAxis, specification, WIDTH } from '../drawing.ts'
import { paretoFront } from '../pareto.ts'
import type { ModelResult, StudyResults } from '../results.ts'

interface Cost {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly axis: string
  /** What a model costs or gives; undefined where it was not measured. */
  readonly value: (packed: NonNullable<ModelResult['packed']>) => number | undefined
  /** Whether less of it is better. */
  readonly less: boolean
}

const COSTS: readonly Cost[] = [
  {
    id: 'pareto-bytes',
    title: 'What a byte buys',
    description: 'BLEU against the size of the packed file',
    axis: 'MB, packed (logarithmic)',
    value: ({ bytes }) => bytes / 1e6,
    less: true,
  },
  {
    id: 'pareto-speed',
    title: 'What speed costs',
    description: 'BLEU against words translated a second by the packed file in Node, on one thread',
    axis: 'words/s in Node (logarithmic)',
    value: ({ wordsPerSecond }) => wordsPerSecond,
    less: false,
  },
  {
    id: 'pareto-browser',
    title: 'What speed costs in a browser',
    description: 'BLEU against words translated a second by the packed file in a web page, on one thread',
    axis: 'words/s in the browser (logarithmic)',
    value: ({ browser }) => browser?.wordsPerSecond,
    less: false,
  },
]

interface Point {
  readonly id: string
  readonly kind: string
  readonly seed: number
  readonly cost: number
  readonly bleu: number
}

/** The figures of all costs that were measured, where there are models of several sizes. */
export function paretoFigures(results: StudyResults): Figure[] {
  if (!results.sizes?.length) return []
  return COSTS.flatMap(cost => {
    const seeds = results.models.flatMap(model => pointOf(results, model, cost))
    const means = meanPoints(seeds)
    return means.length > 1 ? [paretoFigure(cost, { seeds, means })] : []
  })
}

/** A model as a point, if its cost is known. The speed of other seeds is the first one's. */
function pointOf(results: StudyResults, { id, group, seed, packed }: ModelResult, { value }: Cost): Point[] {
  if (!packed) return []
  const first = results.models.find(model => model.id === id && model.packed && value(model.packed) !== undefined)
  const cost = value(packed) ?? (first?.packed && value(first.packed))
  const kind = group === 'small' ? 'small and dense' : group === 'baseline' ? 'large and dense' : 'large and sparse'
  return cost === undefined || group === 'control' ? [] : [{ id, kind, seed, cost, bleu: packed.bleu.score }]
}

/** One point for each experiment: the mean over its seeds. */
function meanPoints(points: readonly Point[]): Omit<Point, 'seed'>[] {
  return [...new Set(points.map(({ id }) => id))].map(id => {
    const same = points.filter(point => point.id === id)
    const mean = (of: (point: Point) => number) => same.reduce((sum, point) => sum + of(point), 0) / same.length
    return { id, kind: same[0].kind, cost: mean(({ cost }) => cost), bleu: mean(({ bleu }) => bleu) }
  })
}

function paretoFigure(
  { id, title, description, axis, less }: Cost,
  { seeds, means }: { readonly seeds: readonly Point[]; readonly means: readonly Omit<Point, 'seed'>[] },
): Figure {
  const front = paretoFront(
    means,
    ({ cost }) => (less ? cost : -cost),
    ({ bleu }) => bleu,
  )
  const several = seeds.length > means.length
  const x = {
    field: 'cost',
    type: 'quantitative' as const,
    title: axis,
    scale: { type: 'log' as const, nice: false, padding: 24 },
    axis: logAxis(seeds.map(({ cost }) => cost)),
  }
  const y = {
    field: 'bleu',
    type: 'quantitative' as const,
    title: 'BLEU of the packed model',
    scale: { zero: false, padding: 16 },
  }
  const color = { field: 'kind', type: 'nominal' as const, title: 'model', sort: null, legend: { symbolOpacity: 1 } }
  return {
    id,
    title,
    description: `${description}. The line joins the models that no other beats in both: ${front.map(point => point.id).join(', ')}.${several ? ' Faint points are single seeds, the others their means.' : ''} The axes do not begin at 0.`,
    spec: specification({
      width: WIDTH,
      height: HEIGHT,
      data: { values: means },
      layer: [
        {
          data: { values: front },
          mark: { type: 'line', color: INK, opacity: 0.5, strokeDash: [5, 4] },
          encoding: { x, y, order: { field: 'cost', type: 'quantitative' } },
        },
        ...(several
          ? [
              {
                data: { values: seeds },
                mark: { type: 'point', filled: true, size: 30, opacity: 0.35 },
                encoding: { x, y, color },
              },
            ]
          : []),
        { mark: { type: 'point', filled: true, size: 80, opacity: 1 }, encoding: { x, y, color, shape: { ...color } } },
        {
          mark: { type: 'text', dy: -9, fontSize: 10, color: INK, align: 'center' },
          encoding: { x, y, text: { field: 'id', type: 'nominal' } },
        },
      ],
    }),
  }
}
