import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readModel } from '../../src/checkpoint/model-directory.ts'
import { trainNew } from '../../src/pipeline/train.ts'
import { Interrupted } from '../../src/store/model-store.ts'
import { deeperLayersClaim } from '../../src/study/claims/deeper-layers.ts'
import { parseStudy } from '../../src/study/configuration.ts'
import { writeReport } from '../../src/study/report/index.ts'
import type { StudyResults } from '../../src/study/results.ts'
import { readResults } from '../../src/study/results-file.ts'
import { runStudy, type StudyOptions } from '../../src/study/study.ts'
import { temporaryDirectory, toyConfiguration, toyData, toyPairs } from '../support.ts'

const pairs = toyPairs(20, 3)
const tests = [{ name: 'test', sources: pairs.map(p => p.source), references: pairs.map(p => p.target) }]

/** Every kind of experiment once, as small as can be. */
const everything = {
  schemes: ['class-blind', 'random'],
  levels: [0.5, 0.9],
  retrained: [0.8],
  scratch: [0.8],
  schedules: [
    { name: 'iterated', steps: [0.4, 0.8], regrow: true },
    { name: 'gradual', method: 'gradual', steps: [0.8] },
    { name: 'trained-on', method: 'none' },
    { name: 'rewound', steps: [0.8], rewind: 'weights', rewindTo: 1 },
    { name: 'movement', scheme: 'movement', block: '1x4', steps: [0.5] },
  ],
  sensitivity: { levels: [0.5, 0.9] },
  layers: { levels: [0.9], parts: [0.9] },
  samples: 2,
  beam: 2,
}

async function toyStudy(changes: Partial<StudyOptions> = {}): Promise<StudyOptions> {
  const directory = await temporaryDirectory()
  const data = await toyData(directory, 120)
  return {
    data,
    out: join(directory, 'study'),
    configuration: toyConfiguration({ model: { layers: 2 }, training: { epochs: 2 } }),
    study: parseStudy(everything, 'here'),
    tests,
    threads: 1,
    ...changes,
  }
}

/** What has to be the same however often a study was interrupted. */
const numbers = (results: StudyResults) =>
  JSON.stringify(results, (key, value) => (['wordsPerSecond', 'seconds', 'made'].includes(key) ? undefined : value))

describe('a study', () => {
  it('makes every experiment, answers every claim, and draws every figure', async () => {
    const layers = { ...everything.layers, retrain: { levels: [0.8] } }
    const options = await toyStudy({ study: parseStudy({ ...everything, layers }, 'here') })
    const results = await runStudy(options)
    expect(results.complete).toBe(true)
    expect(results.models.map(({ id }) => id)).toEqual([
      ...['dense', 'class-blind-50', 'class-blind-90', 'random-50', 'random-90', 'retrained-80', 'scratch-80'],
      ...['layers-trained-on', 'source-layer-1-80', 'source-layer-2-80', 'target-layer-1-80', 'target-layer-2-80'],
      ...['iterated-40', 'iterated-80', 'iterated-regrown', 'gradual-80', 'trained-on', 'rewound-80', 'movement-50'],
    ])
    const whole = results.models.filter(({ group }) => group !== 'layer')
    for (const { fraction, sparsity } of whole) expect(sparsity).toBeCloseTo(fraction, 2)
    const perplexities = whole.map(({ trainPerplexity }) => trainPerplexity)
    expect(Math.min(...perplexities)).toBeGreaterThan(1)
    expect(new Set(perplexities).size).toBeGreaterThan(perplexities.length / 2)
    expect(results.claims.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(results.sensitivity).toHaveLength(2 * 8)
    expect(results.sensitivity.every(({ bleu }) => bleu !== undefined)).toBe(true)
    expect(results.breakdown).toHaveLength(8)
    // Four layers by fraction and by threshold, and eight parts of each.
    expect(results.layers?.map(({ points }) => points.length)).toEqual([2 * 4 + 8 * 4])
    expect(deeperLayersClaim.answer(results).evidence).toContain('After a short retraining it changes by')
    expect(results.rareWords?.[0].matrices.map(({ words }) => words)).toEqual([7, 7, 7])
    expect(await readResults(options.out)).toEqual(results)
    const html = await readFile(await writeReport(options.out, results), 'utf8')
    expect(html.match(/(src|href)="(?!data:|#)[^"]*/gu)).toBeNull()
    expect(html.match(/role="img" aria-label="[^"]{20,}"/gu)).toHaveLength(15)
    for (const id of ['schemes', 'losses', 'pictures']) {
      expect((await stat(join(options.out, 'figures', `${id}.svg`))).size).toBeGreaterThan(1000)
      expect((await stat(join(options.out, 'figures', `${id}.csv`))).size).toBeGreaterThan(100)
    }
    expect(results.samples?.map(({ translations }) => translations.map(({ model }) => model))).toEqual([
      ['dense', 'retrained-80'],
      ['dense', 'retrained-80'],
    ])
    expect(html).toContain('Some translations')
  })

  it('interrupted again and again ends with the same numbers, and does nothing twice', async () => {
    const study = parseStudy({ ...everything, schedules: everything.schedules.slice(1, 2) }, 'here')
    const whole = await runStudy(await toyStudy({ study }))
    const options = await toyStudy({ study })
    const made: string[] = []
    let results: StudyResults | undefined
    for (let attempt = 0; !results; attempt++) {
      const interrupt = new AbortController()
      let steps = 0
      const events = {
        onTraining: () => ({ onStep: () => void (++steps === 7 + attempt && interrupt.abort()) }),
        onResult: ({ id }: { id: string }) => void made.push(id),
      }
      results = await runStudy({ ...options, events, signal: interrupt.signal }).catch(error => {
        if (!(error instanceof Interrupted)) throw error
        return undefined
      })
      if (attempt > 30) throw new Error('the study does not come to an end')
    }
    expect(numbers(results)).toBe(numbers(whole))
    expect(made).toEqual(whole.models.map(({ id }) => id))
  })

  it('takes a trained model for its baseline, and grows with its configuration', async () => {
    const options = await toyStudy({ study: parseStudy({ ...SMALL, levels: [0.5] }, 'here') })
    const baseline = join(options.out, '../baseline')
    await trainNew(options.data, { configuration: options.configuration, out: baseline })
    const first = await runStudy({ ...options, baseline })
    expect(first.models).toHaveLength(2)
    const more = { ...options, baseline, study: parseStudy({ ...SMALL, levels: [0.5, 0.6] }, 'here') }
    await expect(runStudy(more)).rejects.toThrow('another configuration')
    const made: string[] = []
    const events = { onResult: ({ id }: { id: string }) => void made.push(id) }
    await runStudy({ ...more, update: true, events })
    expect(made).toEqual(['class-blind-60'])
    expect((await readModel(baseline)).mask).toBeUndefined()
  })

  it('refuses a directory of another study, of other data, or of something else', async () => {
    const options = await toyStudy({ study: parseStudy(SMALL, 'here') })
    await runStudy(options)
    const other = await toyStudy({ out: options.out, study: options.study })
    await rm(join(other.data, '..', 'study'), { recursive: true, force: true })
    const larger = await toyData(await temporaryDirectory(), 130)
    await expect(runStudy({ ...options, data: larger })).rejects.toThrow('a study of other data')
    await expect(runStudy({ ...options, tests: [{ ...tests[0], sources: tests[0].references }] })).rejects.toThrow(
      'test text',
    )
    await expect(runStudy({ ...options, out: options.data })).rejects.toThrow('is no study')
  })
})

const SMALL = {
  schemes: ['class-blind'],
  levels: [0.5],
  retrained: [],
  scratch: [],
  sensitivity: { levels: [0.5], bleu: false },
  layers: { levels: [0.5], parts: [] },
}

describe('its configuration', () => {
  it.each([
    [{ level: [0.5] }, 'unknown key study.level; did you mean levels?'],
    [{ levels: [0.5, 0.4] }, 'study.levels has to increase'],
    [{ schemes: ['blind'] }, 'study.schemes (entry 1) is "blind"; it has to be one of class-blind'],
    [{ schedules: [{ name: 'a', step: [0.5] }] }, 'unknown key study.schedules (entry 1).step; did you mean steps?'],
    [
      { schedules: [{ name: 'a', steps: [0.5, 0.5] }] },
      'study.schedules (entry 1).steps has to increase from step to step',
    ],
    [{ schedules: [{ name: 'a' }, { name: 'a' }] }, 'study.schedules has two of one name'],
    [{ retraining: { epoch: 3 } }, 'unknown key study.retraining.epoch; did you mean epochs?'],
  ])('%j is refused', (draft, message) => {
    expect(() => parseStudy(draft, 'here')).toThrow(`here: ${message}`)
  })
})
