/** A study's figures: what of its numbers is drawn, and how it is told in words. */
import type { TopLevelSpec } from 'vega-lite'
import { curves, type Figure, HEIGHT, heatMap, INK, logAxis, WIDTH } from './drawing.ts'
import { type ModelResult, type StudyResults, typicalRetrained } from './results.ts'

const curveRow = (series: string, model: ModelResult) => ({
  series,
  fraction: model.fraction,
  value: model.bleu.score,
  low: model.bleu.low,
  high: model.bleu.high,
})

/** All figures that the numbers allow. */
export function studyFigures(results: StudyResults): Figure[] {
  const dense = results.models.find(({ id }) => id === 'dense')
  if (!dense) return []
  return [
    schemesFigure(results, dense),
    retrainingFigure(results, dense),
    ...schedulesFigure(results, dense),
    breakdownFigure(results, dense),
    largestFigure(results, dense),
    sensitivityFigure(results, dense),
    ...lossesFigure(results, dense),
    ...distributionsFigure(results),
    ...redundancyFigures(results),
  ]
}

function schemesFigure({ models }: StudyResults, dense: ModelResult): Figure {
  const rows = models.filter(({ group }) => group === 'pruned').map(model => curveRow(model.name, model))
  return {
    id: 'schemes',
    title: 'BLEU of the schemes, without retraining',
    description: `BLEU against the fraction of weights pruned, a line for each scheme; dashed: the unpruned model, ${dense.bleu.score.toFixed(1)}. Bars are 95 % intervals.`,
    spec: curves(rows, { y: 'BLEU', baseline: dense.bleu.score, series: 'scheme' }),
  }
}

function retrainingFigure({ models }: StudyResults, dense: ModelResult): Figure {
  const rows = models.flatMap(model => {
    if (model.group === 'pruned' && model.name === 'class-blind') return [curveRow('pruned', model)]
    if (model.group === 'retrained') return [curveRow('pruned and retrained', model)]
    return model.group === 'scratch' ? [curveRow('sparse from scratch', model)] : []
  })
  return {
    id: 'retraining',
    title: 'Pruned, pruned and retrained, sparse from scratch',
    description: `BLEU against the fraction of weights pruned class-blind; dashed: the unpruned model, ${dense.bleu.score.toFixed(1)}. Bars are 95 % intervals.`,
    spec: curves(rows, { y: 'BLEU', baseline: dense.bleu.score, series: 'model' }),
  }
}

/** All that was retrained, close by: differences of a few BLEU are what matters here, so the axis does not begin at 0. */
function schedulesFigure({ models }: StudyResults, dense: ModelResult): Figure[] {
  const rows = models
    .filter(({ group, sparsity }) => (group === 'schedule' || group === 'retrained') && sparsity > 0)
    .map(model => ({
      ...curveRow(model.group === 'retrained' ? 'one-shot' : model.name, model),
      fraction: model.sparsity,
    }))
  if (!models.some(({ group }) => group === 'schedule')) return []
  const spec = curves(rows, { y: 'BLEU', baseline: dense.bleu.score, series: 'schedule' }) as {
    layer: { encoding: { y: { scale: object } } }[]
  }
  for (const { encoding } of spec.layer) encoding.y.scale = { zero: false, nice: true }
  return [
    {
      id: 'schedules',
      title: 'Schedules, close by',
      description: `BLEU of all retrained models against the fraction of weights pruned; the axis does not begin at 0; dashed: the unpruned model, ${dense.bleu.score.toFixed(1)}.`,
      spec: spec as unknown as TopLevelSpec,
    },
  ]
}

const perplexityAxis = (breakdown: StudyResults['breakdown']) => ({
  field: 'perplexity',
  type: 'quantitative',
  title: 'validation perplexity (logarithmic)',
  scale: { type: 'log', nice: false },
  axis: logAxis(breakdown.map(({ perplexity }) => perplexity)),
})

function breakdownFigure({ breakdown, configuration }: StudyResults, dense: ModelResult): Figure {
  const at = (configuration as { study: { breakdownAt: number } }).study.breakdownAt
  const names = [...new Set(breakdown.map(({ name }) => name))]
  return {
    id: 'breakdown',
    title: `What each class loses by, at ${100 * at} % of all weights`,
    description: `Validation perplexity with one class alone pruned as each scheme would at ${100 * at} % in all; dashed: the unpruned model, ${dense.validPerplexity.toFixed(2)}.`,
    spec: {
      width: WIDTH,
      height: HEIGHT,
      data: { values: breakdown as object[] },
      layer: [
        {
          data: { values: [{ perplexity: dense.validPerplexity }] },
          mark: { type: 'rule', strokeDash: [5, 4], color: INK, opacity: 0.7 },
          encoding: { y: perplexityAxis(breakdown) },
        },
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
    } as unknown as TopLevelSpec,
  }
}

function largestFigure({ breakdown }: StudyResults, dense: ModelResult): Figure {
  return {
    id: 'largest',
    title: 'The largest deleted weight and what it costs',
    description:
      'Each point is a class pruned alone as a scheme would: the largest weight taken from it, and the perplexity that follows; the axes do not begin at 0.',
    spec: {
      width: WIDTH,
      height: HEIGHT,
      data: { values: breakdown as object[] },
      layer: [
        {
          data: { values: [{ perplexity: dense.validPerplexity }] },
          mark: { type: 'rule', strokeDash: [5, 4], color: INK, opacity: 0.7 },
          encoding: { y: perplexityAxis(breakdown) },
        },
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
    } as unknown as TopLevelSpec,
  }
}

function sensitivityFigure({ sensitivity }: StudyResults, dense: ModelResult): Figure {
  const rows = sensitivity.map(({ name, fraction, perplexity }) => ({ series: name, fraction, value: perplexity }))
  return {
    id: 'sensitivity',
    title: 'Sensitivity: one class pruned alone',
    description: `Validation perplexity, on a logarithmic axis, against the fraction of one class pruned by magnitude; dashed: the unpruned model, ${dense.validPerplexity.toFixed(2)}.`,
    spec: curves(rows, {
      y: 'validation perplexity (logarithmic)',
      baseline: dense.validPerplexity,
      log: true,
      series: 'weight class',
    }),
  }
}

/** Training, then pruning and retraining of one model; and its structure from scratch. */
function lossesFigure({ models }: StudyResults, dense: ModelResult): Figure[] {
  const retrained = typicalRetrained(models)
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
      title: `Loss in training, pruning of ${Number((100 * retrained.fraction).toFixed(1))} % and retraining`,
      description:
        'Mean negative log probability of a target word (nats), of training text with dropout by tenths of an epoch and of validation text by epochs; the vertical line marks the pruning. The axis is logarithmic.',
      spec: {
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
      } as unknown as TopLevelSpec,
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

function distributionsFigure({ distributions }: StudyResults): Figure[] {
  if (!distributions) return []
  const { limit, histograms } = distributions
  const rows = histograms.flatMap(({ model, name, counts }) => {
    const weights = counts.reduce((a, b) => a + b, 0)
    const width = (2 * limit) / counts.length
    return counts.map((count, i) => ({
      model,
      name,
      weight: -limit + (i + 0.5) * width,
      density: count / weights / width,
    }))
  })
  return [
    {
      id: 'distributions',
      title: 'Distribution of the weights, class by class',
      description: `Density of the weights that are not zero, of ${[...new Set(histograms.map(({ model }) => model))].join(' and ')}; each class has its own vertical axis, and what lies outside the horizontal one is in the outermost bins.`,
      spec: {
        data: { values: rows },
        facet: {
          field: 'name',
          type: 'nominal',
          title: null,
          sort: [...new Set(rows.map(({ name }) => name))],
          header: { labelFontSize: 12 },
        },
        columns: 3,
        resolve: { scale: { y: 'independent' } },
        spec: {
          width: 190,
          height: 110,
          mark: { type: 'line', interpolate: 'step', strokeWidth: 1.5 },
          encoding: {
            x: { field: 'weight', type: 'quantitative', title: null, scale: { nice: false }, axis: { tickCount: 5 } },
            y: { field: 'density', type: 'quantitative', title: null, axis: { tickCount: 3 } },
            color: { field: 'model', type: 'nominal', title: 'model', sort: null },
          },
        },
      } as unknown as TopLevelSpec,
    },
  ]
}

function redundancyFigures({ redundancy }: StudyResults): Figure[] {
  if (!redundancy) return []
  const share = { type: 'quantitative', title: 'kept', axis: { format: '.0%' } } as const
  const scale = { scheme: 'viridis', domainMin: 0 }
  const at = `${Number((100 * redundancy.fraction).toFixed(1))} %`
  const figures: Figure[] = [
    {
      id: 'embeddings',
      title: `Embeddings: what is kept of a word's weights, ${at} of all pruned`,
      description: 'Share of weights kept against the rank of the word by frequency, on a logarithmic axis.',
      spec: {
        width: WIDTH,
        height: 240,
        data: { values: redundancy.embeddings.map(band => ({ ...band, rank: Math.sqrt(band.from * band.to) })) },
        mark: { type: 'line', point: true },
        encoding: {
          x: {
            field: 'rank',
            type: 'quantitative',
            title: 'rank of the word (logarithmic)',
            scale: { type: 'log', nice: false },
            axis: logAxis(redundancy.embeddings.map(({ to }) => to)),
          },
          y: { field: 'kept', ...share, scale: { zero: true } },
          color: { field: 'name', type: 'nominal', title: 'embedding' },
        },
      } as TopLevelSpec,
    },
    {
      id: 'gates',
      title: `LSTM layers: what is kept, by gate and half, ${at} of all pruned`,
      description: 'Share of weights kept of each layer: input half and recurrent half of the matrices, by gate.',
      spec: {
        data: { values: redundancy.gates },
        facet: { column: { field: 'half', title: null } },
        spec: {
          width: 200,
          height: { step: 24 },
          encoding: {
            x: {
              field: 'gate',
              type: 'nominal',
              sort: ['input', 'forget', 'cell', 'output'],
              title: 'gate',
              axis: { labelAngle: 0 },
            },
            y: { field: 'layer', type: 'nominal', title: null },
          },
          layer: [
            {
              mark: 'rect',
              encoding: {
                color: { field: 'kept', type: 'quantitative', title: 'kept', scale, legend: { format: '.0%' } },
              },
            },
            {
              mark: { type: 'text', fontSize: 11 },
              encoding: {
                text: { field: 'kept', type: 'quantitative', format: '.0%' },
                color: {
                  condition: { test: `datum.kept > ${brightFrom(redundancy.gates.map(g => g.kept))}`, value: 'black' },
                  value: 'white',
                },
              },
            },
          ],
        },
      } as unknown as TopLevelSpec,
    },
  ]
  if (redundancy.pictures.length > 0) {
    const brightest = Math.max(...redundancy.pictures.flatMap(({ cells }) => cells.flat()))
    const rows = redundancy.pictures.map(({ tensor, cells }) => ({ tensor, url: heatMap(cells, brightest) }))
    figures.push({
      id: 'pictures',
      title: `Surviving weights of the LSTM matrices, ${at} of all pruned`,
      description: `Each matrix divided into cells, from dark (none kept) to bright (${Math.round(100 * brightest)} % kept); rows are gates (input, forget, cell, output, from the top), columns are inputs.`,
      spec: {
        data: { values: rows },
        facet: {
          field: 'tensor',
          type: 'nominal',
          title: null,
          sort: rows.map(({ tensor }) => tensor),
          header: { labelFontSize: 12 },
        },
        columns: 4,
        spec: {
          width: 150,
          height: 150,
          mark: { type: 'image', width: 150, height: 150, aspect: false },
          encoding: { x: { value: 75 }, y: { value: 75 }, url: { field: 'url' } },
        },
      } as unknown as TopLevelSpec,
    })
  }
  return figures
}

/** Beyond this share of the scale's range the ground is bright, and text on it black. */
const brightFrom = (values: readonly number[]) => 0.6 * Math.max(...values)
