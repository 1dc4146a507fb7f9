/** Loss in training, pruning and retraining. */
import { type Figure, HEIGHT, INK, logAxis, specification, WIDTH } from '../drawing.ts'
import { percent } from '../format.ts'
import { type ModelResult, representativeRetrained, type StudyResults } from '../results.ts'

/** Training, then pruning and retraining of one model; and its structure from scratch. */
export function lossesFigure(results: StudyResults, dense: ModelResult): Figure[] {
  const models = results.models.filter(({ seed }) => seed === dense.seed)
  const retrained = representativeRetrained(models)
  if (!retrained || dense.epochs.length === 0) return []
  const scratch = models.find(({ group, fraction }) => group === 'scratch' && fraction === retrained.fraction)
  const end = dense.epochs.length
  const pruned = models.find(
    ({ group, name, fraction }) => group === 'pruned' && name === 'class-blind' && fraction === retrained.fraction,
  )
  const rows = [
    ...lossRows('trained, pruned, retrained', dense, 0),
    ...(pruned
      ? [
          {
            series: 'trained, pruned, retrained',
            text: 'validation',
            epoch: end,
            loss: Math.log(pruned.validPerplexity),
          },
        ]
      : []),
    ...lossRows('trained, pruned, retrained', retrained, end),
    ...(scratch ? lossRows('sparse from scratch', scratch, 0) : []),
  ]
  return [
    {
      id: 'losses',
      title: `Loss in training, pruning of ${percent(retrained.fraction)} and retraining`,
      description:
        'Mean negative log probability of a target word (nats), of training text with dropout by tenths of an epoch and of validation text by epochs; the vertical line marks the pruning. The axis is logarithmic.',
      spec: specification({
        width: WIDTH,
        height: HEIGHT,
        data: { values: rows },
        layer: [
          {
            data: { values: [{ epoch: end }] },
            mark: { type: 'rule', color: INK, strokeDash: [2, 3] },
            encoding: { x: { field: 'epoch', type: 'quantitative' } },
          },
          {
            data: { values: [{ epoch: end }] },
            mark: { type: 'text', text: 'pruned', align: 'left', dx: 4, color: INK, y: 8 },
            encoding: { x: { field: 'epoch', type: 'quantitative' } },
          },
          {
            mark: { type: 'line', strokeWidth: 2 },
            encoding: {
              x: { field: 'epoch', type: 'quantitative', title: 'epochs' },
              y: {
                field: 'loss',
                type: 'quantitative',
                title: 'loss (nats a word, logarithmic)',
                scale: { type: 'log', nice: false },
                axis: logAxis(rows.map(({ loss }) => loss)),
              },
              color: { field: 'series', type: 'nominal', title: 'model' },
              strokeDash: { field: 'text', type: 'nominal', title: 'text' },
              order: { field: 'place', type: 'quantitative' },
            },
          },
        ],
      }),
    },
  ]
}

function lossRows(series: string, { epochs }: ModelResult, from: number) {
  return epochs.flatMap(({ epoch, losses, validPerplexity }) => [
    ...losses.map((loss, i) => ({
      series,
      text: 'training',
      epoch: from + epoch - 1 + (i + 0.5) / losses.length,
      loss,
    })),
    { series, text: 'validation', epoch: from + epoch, loss: Math.log(validPerplexity) },
  ])
}
