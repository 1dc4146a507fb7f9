import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import type { NetworkConfig } from '../../src/configuration/network.ts'
import { Mask } from '../../src/pruning/mask.ts'
import { originOf } from '../../src/store/recipe.ts'
import { describeDistributions } from '../../src/study/analyses/distributions.ts'
import { describeSurvivingWeights } from '../../src/study/analyses/surviving-weights.ts'
import { comparedPairs } from '../../src/study/comparisons.ts'
import { parseStudy } from '../../src/study/configuration.ts'
import {
  colourScale,
  drawFigure,
  logAxis,
  PALETTE,
  SMALL,
  seriesLegend,
  sizeOfPanel,
  specification,
} from '../../src/study/drawing.ts'
import { heatMap } from '../../src/study/figures/heat-map.ts'
import { matrixName } from '../../src/study/figures/names.ts'
import { fixed, grouped, perplexityText, probability, signed } from '../../src/study/format.ts'
import type { Measurement } from '../../src/study/measurements.ts'
import { planStudy, recipeLabel } from '../../src/study/plan.ts'
import { csv } from '../../src/study/report/csv.ts'
import { figureFile } from '../../src/study/report/figure-file.ts'
import { figureHtml } from '../../src/study/report/figure-html.ts'
import { sampleTranslations } from '../../src/study/samples.ts'
import { openStudyDirectory } from '../../src/study/study-directory.ts'
import { Stopwatch } from '../../src/study/time-left.ts'
import { temporaryDirectory } from '../support.ts'

const configuration = parseConfiguration({}, 'here')
const study = (draft: object) => parseStudy({ sensitivity: { levels: [0.5] }, ...draft }, 'here')

describe('a plan', () => {
  const plan = planStudy(
    configuration,
    study({
      schemes: ['class-blind', 'random'],
      levels: [0.5, 0.975],
      retrained: [0.8],
      scratch: [0.8],
      schedules: [{ name: 'rewound', steps: [0.8], rewind: 'weights', rewindTo: 2 }],
    }),
  )

  it('lists every experiment after what it builds on, and keeps the epochs that are rewound to', () => {
    expect(plan.experiments.map(({ id }) => id)).toEqual([
      ...['dense', 'class-blind-50', 'class-blind-97.5', 'random-50', 'random-97.5'],
      ...['retrained-80', 'scratch-80', 'rewound-80'],
    ])
    expect(plan.bases[0].configuration.training.snapshots).toEqual([2])
  })

  it('names a recipe by its experiment, and else by what it does', () => {
    const [retrained] = plan.experiments.filter(({ id }) => id === 'retrained-80')
    expect(recipeLabel(plan, retrained.recipe)).toBe('retrained-80')
    expect(
      recipeLabel(plan, { kind: 'prune', of: plan.bases[0], selection: { scheme: 'random', fraction: 0.1 } }),
    ).toBe('prune')
  })

  it('compares class-blind with the others, and retrained with trained from scratch', () => {
    expect(comparedPairs(plan.experiments)).toEqual([
      { better: 'class-blind-50', than: 'random-50' },
      { better: 'class-blind-97.5', than: 'random-97.5' },
      { better: 'retrained-80', than: 'scratch-80' },
    ])
  })

  it('lists seed after seed, each with its own unpruned model and its own random masks', () => {
    const several = planStudy(
      configuration,
      study({ seeds: [2, 1], schemes: ['random'], levels: [0.5], retrained: [], scratch: [] }),
    )
    expect(several.experiments.map(({ id, seed }) => [id, seed])).toEqual([
      ['dense', 2],
      ['random-50', 2],
      ['dense', 1],
      ['random-50', 1],
    ])
    expect(several.experiments.map(({ recipe }) => originOf(recipe).configuration.training.seed)).toEqual([2, 2, 1, 1])
    expect(several.experiments[1].recipe).toMatchObject({ selection: { scheme: 'random', fraction: 0.5, seed: 2 } })
    expect(recipeLabel(several, several.bases[0])).toBe('dense, seed 2')
  })
})

describe('a study directory', () => {
  const identity = { data: 'd', test: 't', configuration: { ...configuration, study: study({}) }, update: false }

  it('is recognised though a default was not written down, and refused with another option', async () => {
    const out = join(await temporaryDirectory(), 'study')
    await openStudyDirectory({ ...identity, out, corpus: 'data' })
    const path = join(out, 'study.json')
    const manifest = JSON.parse(await readFile(path, 'utf8'))
    delete manifest.configuration.study.beam
    delete manifest.configuration.training.labelSmoothing
    await writeFile(path, JSON.stringify(manifest))
    await openStudyDirectory({ ...identity, out, corpus: 'data' })
    const other = { ...identity, configuration: { ...configuration, study: study({ beam: 3 }) } }
    await expect(openStudyDirectory({ ...other, out, corpus: 'data' })).rejects.toMatchObject({
      code: 'other-configuration',
    })
    await openStudyDirectory({ ...other, out, corpus: 'data', update: true })
    expect(JSON.parse(await readFile(path, 'utf8')).configuration.study.beam).toBe(3)
  })

  it('may get more seeds after those it has, and no others', async () => {
    const out = join(await temporaryDirectory(), 'study')
    const open = (seeds: number[] | undefined, update = false) =>
      openStudyDirectory({
        ...identity,
        configuration: { ...configuration, study: study({ ...(seeds && { seeds }) }) },
        ...{ out, corpus: 'data', update },
      })
    await open(undefined)
    await open([configuration.training.seed])
    await open([1, 2, 3])
    await expect(open([1, 3, 2])).rejects.toMatchObject({ code: 'other-configuration' })
    await expect(open([1, 2])).rejects.toThrow('is a study of seeds [1, 2, 3]')
    await open([3], true)
  })

  it('is not updated where none is', async () => {
    const out = join(await temporaryDirectory(), 'study')
    await expect(openStudyDirectory({ ...identity, out, corpus: 'data', update: true })).rejects.toMatchObject({
      code: 'no-study',
      message: `--update goes on with a study, and ${out} holds none; leave --update out`,
    })
  })

  it('is not begun where something else is', async () => {
    const out = await temporaryDirectory()
    await mkdir(join(out, 'photos'))
    await expect(openStudyDirectory({ ...identity, out, corpus: 'data' })).rejects.toMatchObject({
      code: 'output-exists',
    })
  })
})

it('the time left is known once an epoch and a measurement were timed', async () => {
  const stopwatch = new Stopwatch()
  expect(stopwatch.secondsFor({ epochs: 0, measurements: 1 })).toBeUndefined()
  await stopwatch.timeMeasurement(async () => {})
  expect(stopwatch.secondsFor({ epochs: 0, measurements: 1 })).toBeLessThan(1)
  expect(stopwatch.secondsFor({ epochs: 1, measurements: 1 })).toBeUndefined()
})

describe('analyses', () => {
  const network: NetworkConfig = {
    ...configuration.model,
    ...{ layers: 1, hidden: 4, embedding: 4, attention: 'none', bidirectional: false },
    ...{ sourceVocabulary: 12, targetVocabulary: 12 },
  }

  it('count what is kept of matrices by gate and half', () => {
    // Of the recurrent matrix [16, 4] the rows of the forget gate.
    const recurrent = Uint8Array.from({ length: 16 * 4 }, (_, i) => Number(i >= 16 && i < 32))
    const mask = new Mask(new Map([['encoder.weight_hh_l0', recurrent]]))
    const { gates, pictures } = describeSurvivingWeights(network, mask, 0.5)
    expect(gates.map(({ gate, half, kept }) => [gate, half, kept])).toEqual([
      ['input', 'recurrent', 0],
      ['forget', 'recurrent', 1],
      ['cell', 'recurrent', 0],
      ['output', 'recurrent', 0],
    ])
    expect(pictures[0].cells.map(([share]) => share)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('histograms leave pruned weights out, and put what lies outside into the outermost bins', () => {
    const tensor = (values: number[]) => [{ name: 't', shape: [values.length], data: Float32Array.from(values) }]
    const { limit, histograms } = describeDistributions(
      new Map([
        ['dense', [{ name: 'c', tensors: tensor([-1, 1, -1, 1]) }]],
        ['pruned', [{ name: 'c', tensors: tensor([0, 0, 0, -100, 100, 100]) }]],
      ]),
    )
    expect(limit).toBeCloseTo(3.5)
    const [dense, pruned] = histograms.map(({ counts }) => counts)
    expect(dense.reduce((a, b) => a + b, 0)).toBe(4)
    expect([pruned[0], pruned.at(-1), pruned.reduce((a, b) => a + b, 0)]).toEqual([1, 2, 3])
  })
})

describe('drawing', () => {
  it('labels logarithmic axes with few round numbers', () => {
    expect(logAxis([2, 30])).toEqual({ format: '~g', values: [2, 5, 10, 20] })
    expect(logAxis([1, 1e6])).toEqual({ format: '~g', values: [1, 10, 100, 1000, 1e4, 1e5, 1e6] })
    expect(logAxis([7, 8])).toEqual({ format: '~g' })
  })

  const figure = {
    id: 'f',
    title: '<"&',
    description: "it's",
    panels: [1, 2].map(x =>
      specification({
        ...SMALL,
        data: { values: [{ x, of: 'a' }] },
        mark: { type: 'point', clip: true, filled: true },
        encoding: {
          x: { field: 'x', type: 'quantitative', scale: { domain: [0, x] } },
          color: { field: 'of', type: 'nominal', scale: colourScale(['a']) },
        },
      }),
    ),
    legend: seriesLegend(['a']),
    rows: [
      { x: 1 / 3, of: 'a, "b"' },
      { of: 'c', y: -1 },
    ],
  }

  it('says in words what a figure shows, whatever they hold', async () => {
    const drawn = await drawFigure(figure)
    expect(figureHtml(drawn)).toContain('role="img" aria-label="&lt;&quot;&amp;. it&#39;s"')
    expect(figureFile(drawn)).toContain('role="img" aria-label="&lt;&quot;&amp;. it&#39;s"')
  })

  it('draws panels of the size that was asked for, whose names do not meet in one page', async () => {
    const { panels } = await drawFigure(figure)
    expect(panels.map(sizeOfPanel)).toEqual([SMALL, SMALL])
    const names = panels.flatMap(panel => [...panel.matchAll(/ id="([^"]+)"/gu)].map(([, name]) => name))
    expect(names.length).toBeGreaterThan(1)
    expect(new Set(names).size).toBe(names.length)
  })

  it('rounds places, and no number that is read', async () => {
    const text = { field: 'x', type: 'quantitative', format: '.4f' }
    const mark = { type: 'text' }
    const panel = specification({ ...SMALL, data: { values: [{ x: 0.12345 }] }, mark, encoding: { x: text, text } })
    const [svg] = (await drawFigure({ ...figure, panels: [panel] })).panels
    expect(svg).toContain('>0.1235<')
    expect(svg.match(/<[^>]*\d\.\d{3}/u)).toBeNull()
  })

  it('gives a series one colour in its panels and its legend, another on dark ground, and a fixed one in a file', async () => {
    const drawn = await drawFigure(figure)
    expect(figureHtml(drawn).match(/"var\(--series-0\)"/gu)!.length).toBeGreaterThanOrEqual(4)
    expect(figureHtml(drawn)).not.toContain(PALETTE[0].light)
    expect(figureFile(drawn).match(new RegExp(`"${PALETTE[0].light}"`, 'gu'))!.length).toBeGreaterThanOrEqual(4)
    expect(figureFile(drawn)).not.toContain('var(')
  })

  it('offers the numbers as CSV, whatever the names hold', () => {
    expect(csv(figure.rows)).toBe('x,of,y\r\n0.33333333,"a, ""b""",\r\n,c,-1\r\n')
  })

  it('a heat map is a PNG of as many pixels as cells', () => {
    const [, base64] = heatMap(
      [
        [0, 0.5, 1],
        [1, 0.5, 0],
      ],
      1,
    ).split(',')
    const png = Buffer.from(base64, 'base64')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3, 2])
  })
})

describe('numbers in a report', () => {
  it.each([
    [fixed(-0.004), '0.00'],
    [fixed(-0.76), '−0.76'],
    [signed(1.2, 1), '+1.2'],
    [probability(0.000999), '< 0.001'],
    [probability(0.0123), '= 0.012'],
    [perplexityText(1.1415), '1.14'],
    [perplexityText(1300), '1\u202f300'],
    [perplexityText(Number.POSITIVE_INFINITY), '> 1 million'],
    [grouped(999), '999'],
    [grouped(1_234_567), '1\u202f234\u202f567'],
    [matrixName('encoder.weight_hh_l0_reverse'), 'source layer 1 backward, recurrent'],
    [matrixName('source_embedding.weight'), 'source embedding'],
  ])('%s', (found, wanted) => expect(found).toBe(wanted))

  it('samples are evenly spread over the test text, of the models that belong together', () => {
    const text = Array.from({ length: 10 }, (_, i) => String(i))
    const measured = (id: string, group: string, name: string, fraction: number) =>
      // What samples look at of a model.
      ({
        result: { id, group, name, fraction },
        translations: text.map(line => `${line} ${id}`),
      }) as unknown as Measurement
    const samples = sampleTranslations(
      [
        measured('dense', 'baseline', 'dense', 0),
        measured('class-blind-50', 'pruned', 'class-blind', 0.5),
        measured('class-blind-80', 'pruned', 'class-blind', 0.8),
        measured('retrained-80', 'retrained', 'class-blind', 0.8),
      ],
      { sources: text, references: text },
      2,
    )
    expect(samples.map(({ source }) => source)).toEqual(['2', '7'])
    expect(samples[1].translations.map(translation => translation.text)).toEqual([
      '7 dense',
      '7 class-blind-80',
      '7 retrained-80',
    ])
  })
})
