/** What is kept of words' weights, by their frequency, above the share of updates that reached them and how far they moved. */
import { colourScale, type Figure, logAxis, seriesLegend, specification, WIDE } from '../drawing.ts'
import { percent } from '../format.ts'
import type { StudyResults } from '../results.ts'
import { className } from './names.ts'

const PANELS = [
  { field: 'kept', title: 'Weights kept', axis: { format: '.0%' } },
  { field: 'updates', title: 'Updates with a gradient', axis: { format: '.0%' } },
  { field: 'moved', title: 'Moved from the initial weights', axis: {} },
] as const

export function rareWordsFigures({ rareWords = [] }: StudyResults): Figure[] {
  const values = rareWords.flatMap(({ seed, matrices }) =>
    matrices.flatMap(({ name, bands }) =>
      bands.map(band => ({ ...band, seed, name: className(name), rank: Math.sqrt(band.from * band.to) })),
    ),
  )
  if (values.length === 0) return []
  const [{ fraction }] = rareWords
  const names = [...new Set(values.map(({ name }) => name))]
  const x = {
    field: 'rank',
    type: 'quantitative',
    title: 'rank of the word (logarithmic)',
    scale: { type: 'log', nice: false },
    axis: logAxis(values.map(({ to }) => to)),
  }
  const panel = ({ field, title, axis }: (typeof PANELS)[number]) => {
    const y = { field, type: 'quantitative', title: null, axis }
    const mean = { ...y, aggregate: 'mean' }
    return specification({
      ...WIDE,
      title,
      data: { values },
      encoding: { x, color: { field: 'name', type: 'nominal', scale: colourScale(names) } },
      layer: [
        { mark: { type: 'point', filled: true, size: 22, opacity: 0.4 }, encoding: { y } },
        { mark: { type: 'line', strokeWidth: 1.75 }, encoding: { y: mean } },
      ],
    })
  }
  const seeds = rareWords.length > 1 ? `Means of ${rareWords.length} seeds, each seed a faint point` : 'One seed'
  return [
    {
      id: 'rare-words',
      title: `What is kept of a word's weights, ${percent(fraction)} of all pruned`,
      description: `By bands of words of descending frequency: the share of weights kept; the share of updates in which they got a gradient, which in the output layer is every one; and how far training moved them from where they began (root mean square). ${seeds}.`,
      panels: PANELS.map(panel),
      legend: seriesLegend(names).map(({ label, colour }) => ({ label, colour })),
      rows: values.map(({ seed, name, from, to, kept, updates, moved }) => ({
        ...{ seed, matrix: name, from, to, kept, updates, moved },
      })),
    },
  ]
}
