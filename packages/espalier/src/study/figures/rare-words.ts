/** What is kept of words' weights, by their frequency, above the share of updates that reached them and how far they moved. */
import { type Figure, logAxis, specification } from '../drawing.ts'
import { percent } from '../format.ts'
import type { StudyResults } from '../results.ts'

const WIDTH = 480
const HEIGHT = 150

const PANELS = [
  { field: 'kept', title: 'kept', axis: { format: '.0%' } },
  { field: 'updates', title: 'updates', axis: { format: '.0%' } },
  { field: 'moved', title: 'moved', axis: {} },
] as const

export function rareWordsFigures({ rareWords = [] }: StudyResults): Figure[] {
  const values = rareWords.flatMap(({ seed, matrices }) =>
    matrices.flatMap(({ name, bands }) =>
      bands.map(band => ({ ...band, seed, name, rank: Math.sqrt(band.from * band.to) })),
    ),
  )
  if (values.length === 0) return []
  const [{ fraction }] = rareWords
  const x = {
    field: 'rank',
    type: 'quantitative',
    title: 'rank of the word by frequency (logarithmic)',
    scale: { type: 'log', nice: false },
    axis: logAxis(values.map(({ to }) => to)),
  }
  const color = { field: 'name', type: 'nominal', title: 'weights of words', sort: null }
  const panel = ({ field, title, axis }: (typeof PANELS)[number]) => {
    const y = { field, type: 'quantitative', title, axis }
    const mean = { ...y, aggregate: 'mean' }
    return {
      width: WIDTH,
      height: HEIGHT,
      encoding: { x, color },
      layer: [
        { mark: { type: 'point', filled: true, size: 25, opacity: 0.3 }, encoding: { y } },
        { mark: { type: 'line', strokeWidth: 2 }, encoding: { y: mean } },
      ],
    }
  }
  const seeds = rareWords.length > 1 ? `Means of ${rareWords.length} seeds, each seed a faint point` : 'One seed'
  return [
    {
      id: 'rare-words',
      title: `What is kept of a word's weights, ${percent(fraction)} of all pruned`,
      description: `By bands of words of descending frequency: the share of weights kept; the share of updates in which they got a gradient, which in the output layer is every one; and how far training moved them from where they began (root mean square). ${seeds}.`,
      spec: specification({ data: { values }, vconcat: PANELS.map(panel) }),
    },
  ]
}
