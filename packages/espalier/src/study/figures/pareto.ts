/** BLEU against what a model costs who uses it: the bytes of its packed file, and its speed. */
import { colourScale, type Figure, INK, logAxis, seriesLegend, shapeScale, specification, WIDE } from '../drawing.ts'
import { paretoFront } from '../pareto.ts'
import type { ModelResult, StudyResults } from '../results.ts'

interface Cost {
  /** Its column in the figure's numbers. */
  readonly name: string
  readonly title: string
  readonly axis: string
  /** What a model costs or gives; undefined where it was not measured. */
  readonly value: (packed: NonNullable<ModelResult['packed']>) => number | undefined
  /** Whether less of it is better. */
  readonly less: boolean
}

const COSTS: readonly Cost[] = [
  {
    name: 'megabytes',
    title: 'Size of the packed file',
    axis: 'MB (logarithmic)',
    value: ({ bytes }) => bytes / 1e6,
    less: true,
  },
  {
    name: 'wordsPerSecondNode',
    title: 'Speed in Node, one thread',
    axis: 'words/s (logarithmic)',
    value: ({ wordsPerSecond }) => wordsPerSecond,
    less: false,
  },
  {
    name: 'wordsPerSecondBrowser',
    title: 'Speed in a web page, one thread',
    axis: 'words/s (logarithmic)',
    value: ({ browser }) => browser?.wordsPerSecond,
    less: false,
  },
]

const KINDS = ['large and dense', 'large and sparse', 'small and dense']

interface Point {
  readonly id: string
  readonly kind: string
  readonly seed: number
  readonly cost: number
  readonly bleu: number
}
type MeanPoint = Omit<Point, 'seed'>

/** Fewer models make no front. */
const LEAST = 3

/** A panel for each cost that was measured. */
export function paretoFigures(results: StudyResults): Figure[] {
  const measured = COSTS.flatMap(cost => {
    const seeds = results.models.flatMap(model => pointOf(results, model, cost))
    const means = meanPoints(seeds)
    return means.length >= LEAST ? [{ cost, seeds, means, front: frontOf(means, cost) }] : []
  })
  if (measured.length === 0) return []
  const several = measured.some(({ seeds, means }) => seeds.length > means.length)
  const fronts = measured.map(
    ({ cost, front }) => `${cost.title}: ${front.map(({ id }, i) => `${i + 1} ${id}`).join(', ')}`,
  )
  return [
    {
      id: 'pareto',
      title: 'What a byte and a word a second buy: packed models',
      description: `BLEU of packed models against what they cost. The dashed line joins the models that no other beats in both. ${fronts.join('. ')}.${several ? ' Faint points are single seeds, the others their means.' : ''} The axes do not begin at 0, and sparse models below all of these are not shown.`,
      panels: measured.map(paretoPanel),
      legend: seriesLegend(KINDS).filter(({ label }) =>
        measured.some(({ means }) => means.some(({ kind }) => kind === label)),
      ),
      rows: measured.flatMap(({ cost, means, front }) =>
        means.map(point => ({
          model: point.id,
          kind: point.kind,
          cost: cost.name,
          value: point.cost,
          bleu: point.bleu,
          onFront: front.includes(point) ? 'yes' : 'no',
        })),
      ),
    },
  ]
}

/** A model as a point, if its cost is known. The speed of other seeds is the first one's. */
function pointOf(results: StudyResults, { id, group, seed, packed }: ModelResult, { value }: Cost): Point[] {
  if (!packed || group === 'control') return []
  const first = results.models.find(model => model.id === id && model.packed && value(model.packed) !== undefined)
  const cost = value(packed) ?? (first?.packed && value(first.packed))
  const kind = group === 'small' ? KINDS[2] : group === 'baseline' ? KINDS[0] : KINDS[1]
  return cost === undefined ? [] : [{ id, kind, seed, cost, bleu: packed.bleu.score }]
}

/** One point for each experiment: the mean over its seeds. */
function meanPoints(points: readonly Point[]): MeanPoint[] {
  return [...new Set(points.map(({ id }) => id))].map(id => {
    const same = points.filter(point => point.id === id)
    const mean = (of: (point: Point) => number) => same.reduce((sum, point) => sum + of(point), 0) / same.length
    return { id, kind: same[0].kind, cost: mean(({ cost }) => cost), bleu: mean(({ bleu }) => bleu) }
  })
}

const frontOf = (means: readonly MeanPoint[], { less }: Cost) =>
  paretoFront(
    means,
    ({ cost }) => (less ? cost : -cost),
    ({ bleu }) => bleu,
  )

function paretoPanel({
  cost,
  seeds,
  means,
  front,
}: {
  readonly cost: Cost
  readonly seeds: readonly Point[]
  readonly means: readonly MeanPoint[]
  readonly front: readonly MeanPoint[]
}) {
  const x = {
    field: 'cost',
    type: 'quantitative' as const,
    title: cost.axis,
    scale: { type: 'log' as const, nice: false, padding: 14 },
    axis: logAxis(seeds.map(point => point.cost)),
  }
  const lowest = Math.min(
    ...means
      .filter(({ kind }) => kind !== KINDS[1])
      .concat(front)
      .map(({ bleu }) => bleu),
  )
  const scale = { zero: false, padding: 18, domainMin: Math.max(0, lowest - 2) }
  const y = { field: 'bleu', type: 'quantitative' as const, title: 'BLEU, packed', scale }
  const color = { field: 'kind', type: 'nominal' as const, scale: colourScale(KINDS) }
  const shape = { field: 'kind', type: 'nominal' as const, scale: shapeScale(KINDS) }
  const faint = seeds.length > means.length ? seeds : []
  return specification({
    ...WIDE,
    height: 280,
    // The numbers of the front have bounds that Vega counts at the wrong side.
    padding: { left: 14, right: 4, top: 10, bottom: 2 },
    title: cost.title,
    data: { values: means },
    layer: [
      {
        data: { values: front },
        mark: { type: 'line', color: INK, opacity: 0.5, strokeDash: [5, 4] },
        encoding: { x, y, order: { field: 'cost', type: 'quantitative' } },
      },
      {
        data: { values: faint },
        mark: { type: 'point', filled: true, size: 20, opacity: 0.4, clip: true },
        encoding: { x, y, color, shape },
      },
      { mark: { type: 'point', filled: true, size: 60, opacity: 1, clip: true }, encoding: { x, y, color, shape } },
      {
        data: { values: front.map((point, i) => ({ ...point, place: i + 1 })) },
        mark: { type: 'text', dy: -10, fontSize: 11, color: INK, align: 'center' },
        encoding: { x, y, text: { field: 'place', type: 'nominal' } },
      },
    ],
  })
}
