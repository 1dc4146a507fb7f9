/** Loss in training, pruning and retraining. */
import { colourScale, type Figure, INK, logAxis, specification, WIDE } from '../drawing.ts'
import { percent } from '../format.ts'
import { type ModelResult, representativeRetrained, type StudyResults } from '../results.ts'

interface LossRow {
  readonly [name: string]: string | number
  readonly series: string
  readonly text: 'training' | 'validation'
  readonly epoch: number
  readonly loss: number
}

const PRUNED = 'trained, pruned, retrained'
const SCRATCH = 'sparse from scratch'

/** Training, then pruning and retraining of one model; and its structure from scratch. */
export function lossesFigure(results: StudyResults, dense: ModelResult): Figure[] {
  const models = results.models.filter(({ seed }) => seed === dense.seed)
  const retrained = representativeRetrained(models)
  if (!retrained || dense.epochs.length === 0) return []
  const same = ({ fraction }: ModelResult) => fraction === retrained.fraction
  const scratch = models.find(model => model.group === 'scratch' && same(model))
  const pruned = models.find(model => model.group === 'pruned' && model.name === 'class-blind' && same(model))
  const end = dense.epochs.length
  const rows = [
    ...lossRows(PRUNED, dense, 0),
    ...(pruned
      ? [{ series: PRUNED, text: 'validation' as const, epoch: end, loss: Math.log(pruned.validPerplexity) }]
      : []),
    ...lossRows(PRUNED, retrained, end),
    ...(scratch ? lossRows(SCRATCH, scratch, 0) : []),
  ]
  const names = scratch ? [PRUNED, SCRATCH] : [PRUNED]
  return [
    {
      id: 'losses',
      title: `Loss in training, pruning of ${percent(retrained.fraction)} and retraining`,
      description:
        'Mean negative log probability of a target word (nats, logarithmic axis): of training text with dropout by tenths of an epoch, of validation text by epochs. The vertical line marks the pruning.',
      panels: [lossPanel(rows, names, end)],
      legend: names.flatMap((label, colour) => [
        { label: `${label}: training text`, colour },
        { label: `${label}: validation text`, colour, dashed: true },
      ]),
      rows,
    },
  ]
}

function lossPanel(rows: readonly LossRow[], names: readonly string[], end: number) {
  const epoch = { field: 'epoch', type: 'quantitative' }
  const marker = { data: { values: [{ epoch: end }] } }
  return specification({
    ...WIDE,
    data: { values: rows },
    layer: [
      { ...marker, mark: { type: 'rule', color: INK, strokeDash: [2, 3] }, encoding: { x: epoch } },
      {
        ...marker,
        mark: { type: 'text', text: 'pruned', align: 'left', dx: 4, color: INK, y: 8 },
        encoding: { x: epoch },
      },
      {
        mark: { type: 'line', strokeWidth: 1.75 },
        encoding: {
          x: { ...epoch, title: 'epochs' },
          y: {
            field: 'loss',
            type: 'quantitative',
            title: 'loss (nats a word)',
            scale: { type: 'log', nice: false },
            axis: logAxis(rows.map(({ loss }) => loss)),
          },
          color: { field: 'series', type: 'nominal', scale: colourScale(names) },
          strokeDash: {
            field: 'text',
            type: 'nominal',
            scale: {
              domain: ['training', 'validation'],
              range: [
                [1, 0],
                [4, 3],
              ],
            },
          },
          order: { field: 'place', type: 'quantitative' },
        },
      },
    ],
  })
}

function lossRows(series: string, { epochs }: ModelResult, from: number): LossRow[] {
  return epochs.flatMap(({ epoch, losses, validPerplexity }): LossRow[] => [
    ...losses.map((loss, i) => ({
      series,
      text: 'training' as const,
      epoch: from + epoch - 1 + (i + 0.5) / losses.length,
      loss,
    })),
    { series, text: 'validation', epoch: from + epoch, loss: Math.log(validPerplexity) },
  ])
}
