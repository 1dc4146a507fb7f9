/** Studies of several seeds: whatever way a study comes to its seeds, its numbers are the same. */
import { spawn } from 'node:child_process'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { phrasebookSplits } from '@espalier/phrasebook'
import { describe, expect, it } from 'vitest'
import { prepareCorpus } from '../../src/corpus/prepare.ts'
import { scoreCorpus, standardMetrics } from '../../src/evaluation/index.ts'
import { trainNew } from '../../src/pipeline/train.ts'
import { digestOf } from '../../src/store/model-key.ts'
import { parseStudy } from '../../src/study/configuration.ts'
import { writeReport } from '../../src/study/report/index.ts'
import type { StudyResults } from '../../src/study/results.ts'
import { readResults } from '../../src/study/results-file.ts'
import { Scorer } from '../../src/study/scorer.ts'
import { runStudy, type StudyOptions } from '../../src/study/study.ts'
import type { TestSet } from '../../src/study/test-sets.ts'
import { bin, espalier } from '../cli/program.ts'
import { temporaryDirectory, toyConfiguration, toyData, toyPairs } from '../support.ts'

/** A digest of all numbers but those that depend on the machine and on how the study was started. */
const digest = (results: StudyResults) =>
  digestOf(
    JSON.parse(
      JSON.stringify(results, (key, value) => (/^(wordsPerSecond|seconds|made)$/u.test(key) ? undefined : value)),
    ),
  )

const SMALL = {
  schemes: ['class-blind', 'random'],
  levels: [0.5],
  retrained: [0.5],
  scratch: [0.5],
  sensitivity: { levels: [0.5], bleu: false },
  layers: { levels: [0.5], parts: [] },
}
/** The unpruned model alone. */
const LEAST = { ...SMALL, levels: [], retrained: [], scratch: [] }

const testSet = (name: string, count: number, seed: number): TestSet => {
  const pairs = toyPairs(count, seed)
  return { name, sources: pairs.map(p => p.source), references: pairs.map(p => p.target) }
}

async function toyStudy(seeds: number[] | undefined, changes: Partial<StudyOptions> = {}): Promise<StudyOptions> {
  const directory = await temporaryDirectory()
  return {
    data: await toyData(directory, 100),
    out: join(directory, 'study'),
    configuration: toyConfiguration(),
    study: parseStudy({ ...SMALL, ...(seeds && { seeds }) }, 'here'),
    tests: [testSet('first', 12, 3), testSet('second', 8, 4)],
    threads: 1,
    ...changes,
  }
}

describe('a study of three seeds', () => {
  it('has the same numbers at once and continued from one, and everything is of its own seed', async () => {
    const whole = await runStudy(await toyStudy([1, 2, 3]))
    const options = await toyStudy(undefined)
    const one = await runStudy(options)
    expect([one.seeds, one.models.length, one.summaries[0].bleu.deviation]).toEqual([[1], 5, undefined])
    const made: string[] = []
    const events = { onResult: (_: unknown, label: string) => void made.push(label) }
    const study = parseStudy({ ...SMALL, seeds: [1, 2, 3] }, 'here')
    const three = await runStudy({ ...options, study, events })
    expect(digest(three)).toBe(digest(whole))
    expect(made).toEqual(
      [2, 3].flatMap(seed =>
        ['dense', 'class-blind-50', 'random-50', 'retrained-50', 'scratch-50'].map(id => `${id}, seed ${seed}`),
      ),
    )
    // Seed 1 has the numbers that it had alone.
    const perplexitiesOf = (models: StudyResults['models']) => models.map(({ perplexity }) => perplexity)
    expect(perplexitiesOf(three.models.filter(({ seed }) => seed === 1))).toEqual(perplexitiesOf(one.models))
    const [dense] = three.summaries
    const perplexities = perplexitiesOf(three.models.filter(({ id }) => id === 'dense'))
    expect(new Set(perplexities).size).toBe(3)
    expect(dense.perplexity.mean).toBeCloseTo(perplexities.reduce((a, b) => a + b, 0) / 3)
    expect(dense.perplexity.deviation).toBeGreaterThan(0)
    expect(three.summaries.every(({ id, fromDense }) => (id === 'dense') === (fromDense === undefined))).toBe(true)
    expect(three.comparisons.map(({ better, than, seeds }) => [better, than, seeds])).toEqual([
      ['class-blind-50', 'random-50', [1, 2, 3]],
      ['retrained-50', 'scratch-50', [1, 2, 3]],
    ])
    expect(three.redundancy.map(({ seed, pictures }) => [seed, pictures.length > 0])).toEqual([
      [1, true],
      [2, false],
      [3, false],
    ])
    expect(await readFile(await writeReport(options.out, three), 'utf8')).toContain('the mean over the seeds')
  })

  it('has a baseline of one of them, and refuses one of another', async () => {
    const options = await toyStudy([1, 2])
    const baseline = join(options.out, '../baseline')
    await trainNew(options.data, { configuration: toyConfiguration({ training: { seed: 2 } }), out: baseline })
    const others = { ...options, baseline, study: parseStudy({ ...SMALL, seeds: [1, 3] }, 'here') }
    await expect(runStudy(others)).rejects.toMatchObject({
      code: 'other-seed',
      message: `${baseline} was trained with seed 2, and study.seeds is [1, 3]; add its seed, or leave --baseline out`,
    })
    const trained: string[] = []
    const events = { onTraining: (label: string) => void trained.push(label) as undefined }
    const { models } = await runStudy({ ...options, baseline, events })
    expect(models.map(({ seed }) => seed)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    expect(trained).toContain('dense, seed 1')
    expect(trained).not.toContain('dense, seed 2')
  })
})

it('results of another version are refused, in a sentence, by whoever reads them', async () => {
  const options = await toyStudy(undefined, { study: parseStudy(LEAST, 'here') })
  const results = await runStudy(options)
  const path = join(options.out, 'results.json')
  await writeFile(path, JSON.stringify({ ...results, format: 1 }))
  const refusal = {
    code: 'other-format',
    message: `${path} has format 1, and this version reads format 2; move it away and give the command of the study again, which makes it anew from the models that are there`,
  }
  await expect(readResults(options.out)).rejects.toMatchObject(refusal)
  await expect(runStudy(options)).rejects.toMatchObject(refusal)
  await rm(path)
  expect(digest(await runStudy(options))).toBe(digest(results))
})

describe('several test sets', () => {
  const tests = [testSet('first', 12, 3), testSet('second', 8, 4)]

  it('are scored each by itself and all together', () => {
    const scorer = new Scorer(tests, { tokenizer: 'none' })
    const references = tests.flatMap(test => test.references)
    const translations = references.map((line, i) => (i % 3 === 0 ? line : line.replace('oneo', 'twoo')))
    const parts = [translations.slice(0, 12), translations.slice(12)]
    const expected = (metric: 'bleu' | 'chrf' | 'ter', lines: readonly string[], of: readonly string[]) =>
      scoreCorpus(standardMetrics({ tokenizer: 'none' })[metric], lines, [of]).score
    const { bleu, chrf, ter, tests: each } = scorer.score(translations)
    expect([bleu.score, chrf, ter]).toEqual(
      (['bleu', 'chrf', 'ter'] as const).map(metric => expected(metric, translations, references)),
    )
    expect(each.map(({ name }) => name)).toEqual(['first', 'second'])
    for (const metric of ['bleu', 'chrf', 'ter'] as const)
      expect(each.map(scores => scores[metric])).toEqual(
        tests.map((test, i) => expected(metric, parts[i], test.references)),
      )
    expect(new Set([bleu.score, each[0].bleu, each[1].bleu]).size).toBe(3)
    expect(scorer.estimate([translations], 'second')).toEqual(
      new Scorer(tests.slice(1), { tokenizer: 'none' }).estimate([parts[1]]),
    )
  })

  it('are named in the results', async () => {
    const study = parseStudy(LEAST, 'here')
    const { tests: named, models, summaries } = await runStudy(await toyStudy(undefined, { study, tests }))
    expect(named).toEqual([
      { name: 'first', sentences: 12 },
      { name: 'second', sentences: 8 },
    ])
    for (const each of [...models, ...summaries])
      expect(each.tests.map(({ name }) => name)).toEqual(['first', 'second'])
  })
})

describe('a training that diverges', () => {
  it('is a result, and what builds on it has one, too', async () => {
    const schedules = [{ name: 'hot', steps: [0.5, 0.8], retraining: { learningRate: 1e30, maxGradientNorm: 1e30 } }]
    const options = await toyStudy([1, 2], { study: parseStudy({ ...LEAST, schedules, seeds: [1, 2] }, 'here') })
    const told: string[] = []
    const events = { onFailure: (_reason: string, label: string) => void told.push(label) }
    const results = await runStudy({ ...options, events })
    expect(results.complete).toBe(true)
    expect(results.failures.map(({ id, seed }) => `${id}, seed ${seed}`)).toEqual(told)
    expect(told).toEqual(['hot-50, seed 1', 'hot-80, seed 1', 'hot-50, seed 2', 'hot-80, seed 2'])
    expect(results.failures[0].reason).toMatch(/^did not train: training diverged at step \d+: /u)
    expect(results.failures[0].reason).not.toContain(options.out)
    expect(results.failures[1].reason).toMatch(/^did not train: hot-50, seed 1, which it builds on, did not$/u)
    expect(results.summaries.map(({ id }) => id)).not.toContain('hot-50')
    expect(await readFile(await writeReport(options.out, results), 'utf8')).toContain('hot-50 (seed 1) did not train')
    // What failed is known, and not tried again.
    expect(digest(await runStudy({ ...options, events: { onFailure: () => expect.unreachable() } }))).toBe(
      digest(results),
    )
  })

  it('of every unpruned model leaves a study without models, and all claims undecided', async () => {
    const training = { learningRate: 1e30, maxGradientNorm: 1e30 }
    const results = await runStudy(await toyStudy(undefined, { configuration: toyConfiguration({ training }) }))
    expect([results.models, results.summaries, results.failures.length]).toEqual([[], [], 5])
    expect(new Set(results.claims.map(({ verdict }) => verdict))).toEqual(new Set(['undecided']))
  })
})

describe.skipIf(process.platform === 'win32')(
  'a study of the phrasebook from the command line',
  { timeout: 300_000 },
  () => {
    const SETTINGS = [
      ...[
        'model.layers=1',
        'model.hidden=8',
        'training.epochs=2',
        'training.checkpointEvery=3',
        'training.batchSize=32',
      ],
      ...['study.schemes=[class-blind]', 'study.levels=[0.5]', 'study.retrained=[0.5]', 'study.scratch=[]'],
      ...[
        'study.sensitivity={levels: [0.5], bleu: false}',
        'study.layers={levels: [0.5], parts: [0.5]}',
        'study.retraining={epochs: 1}',
        'study.beam=2',
      ],
    ]
    const words = (out: string, seeds: string) => [
      ...['study', 'data', '--preset', 'tiny', '--threads', '1', '--backend', 'wasm', '--out', out],
      ...['--test', 'a=a.en,a.de', '--test', 'b=b.en,b.de', '--set', `study.seeds=${seeds}`],
      ...SETTINGS.flatMap(setting => ['--set', setting]),
    ]

    async function phrasebook(): Promise<string> {
      const cwd = await temporaryDirectory()
      const { train, valid, test } = phrasebookSplits({ pairs: 600, seed: 1 })
      const parts = {
        train: train.slice(0, 300),
        valid: valid.slice(0, 20),
        a: test.slice(0, 15),
        b: test.slice(15, 25),
      }
      for (const [name, pairs] of Object.entries(parts)) {
        await writeFile(join(cwd, `${name}.en`), pairs.map(({ source }) => `${source}\n`).join(''))
        await writeFile(join(cwd, `${name}.de`), pairs.map(({ target }) => `${target}\n`).join(''))
      }
      const files = (name: string) => ({
        kind: 'files' as const,
        source: join(cwd, `${name}.en`),
        target: join(cwd, `${name}.de`),
      })
      await prepareCorpus(join(cwd, 'data'), {
        ...{ train: files('train'), valid: files('valid'), sourceLanguage: 'en', targetLanguage: 'de' },
        ...{ tokenizer: 'words', lowercase: false, minCount: 1, maxLength: 50, force: false },
      })
      return cwd
    }

    it('killed at random moments and continued from one seed to three has the same numbers', async () => {
      const cwd = await phrasebook()
      const began = performance.now()
      const whole = await espalier(words('whole', '[1, 2, 3]'), { cwd })
      expect(whole.status, whole.stderr).toBe(0)
      const duration = performance.now() - began
      const moments: number[] = []
      for (const seeds of ['[1]', '[1, 2, 3]']) {
        // Starting up takes about half of the time.
        moments.push(duration * (0.3 + 0.6 * Math.random()))
        await killedAfter(moments[moments.length - 1], words('killed', seeds), cwd)
      }
      const rest = await espalier(words('killed', '[1, 2, 3]'), { cwd })
      const context = `killed after ${moments.map(moment => moment.toFixed(0)).join(', ')} ms of ${duration.toFixed(0)}\n${rest.stderr}`
      expect(rest.status, context).toBe(0)
      const [expected, found] = await Promise.all(['whole', 'killed'].map(name => readResults(join(cwd, name))))
      expect(digest(found), context).toBe(digest(expected))
    })

    it('refuses seeds and test sets twice, texts of two lengths, and results of another version, in a sentence', async () => {
      const cwd = await phrasebook()
      const study = ['study', 'data', '--out', 's']
      await cp(join(cwd, 'a.en'), join(cwd, 'short.en'))
      await writeFile(join(cwd, 'short.de'), 'Eine Zeile.\n')
      const refused = async (more: string[], message: RegExp) => {
        const { status, stderr, stdout } = await espalier([...study, ...more], { cwd })
        expect([status, stdout]).toEqual([2, ''])
        expect(stderr).toMatch(message)
        expect(stderr.trimEnd().split('\n')).toHaveLength(1)
      }
      await refused(['--set', 'study.seeds=[1, 2, 1]'], /study\.seeds has a seed twice/u)
      await refused(
        ['--test', 'a=a.en,a.de', '--test', 'a=b.en,b.de'],
        /two test sets of the name a; give each its own/u,
      )
      await refused(
        ['--test', 'test=a.en,a.de', '--test-source', 'b.en', '--test-reference', 'b.de'],
        /two test sets of the name test/u,
      )
      await refused(['--test', 'a=short.en,short.de'], /short\.en has 15 lines and short\.de has 1;/u)
      await refused(['--test', 'a.en,a.de'], /--test a\.en,a\.de: it has to be a name and two files, as in 2016=/u)
    })
  },
)

/** Starts the program and kills it, so that it cannot clean up after itself. */
async function killedAfter(milliseconds: number, words: readonly string[], cwd: string): Promise<void> {
  const child = spawn(process.execPath, [bin, ...words], { cwd, stdio: 'ignore' })
  const closed = new Promise(resolve => child.on('close', resolve))
  await Promise.race([setTimeout(milliseconds), closed])
  child.kill('SIGKILL')
  await closed
}
