import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trainNew } from '../../src/pipeline/train.ts'
import type { ClassReport } from '../../src/pruning/index.ts'
import { sha256File } from '../../src/storage/digest.ts'
import { temporaryDirectory, toyConfiguration, toyData } from '../support.ts'
import { bin, espalier, type Result } from './program.ts'

const TINY = ['--set', 'model.hidden=8', '--set', 'training.epochs=2', '--set', 'model.layers=1', '--threads', '1']

describe('the way from text to a pruned translator', () => {
  it('works from the command line', async () => {
    const cwd = await temporaryDirectory()
    await toyData(cwd)
    const run = async (...words: string[]) => {
      const result = await espalier(words, { cwd })
      expect(result.status, `${words.join(' ')}\n${result.stderr}`).toBe(0)
      return result.stdout
    }
    const files = '--source train.source --target train.target --valid-source valid.source --valid-target valid.target'
    const summary = JSON.parse(await run('prepare', ...files.split(' '), '--out', 'd', '--tokenizer', 'none', '--json'))
    expect(summary).toMatchObject({ trainPairs: 200, validPairs: 30, skippedEmpty: 0 })
    await run('train', 'd', '--out', 'model', '--preset', 'tiny', ...TINY)
    const report = JSON.parse(await run('prune', 'model', '--fraction', '0.5', '--out', 'pruned', '--json'))
    expect(report.map((c: { name: string }) => c.name)).toContain('target-layer-1')
    await run('retrain', 'pruned', 'd', '--out', 'retrained', '--threads', '1')
    const { classes } = JSON.parse(await run('inspect', 'retrained', '--json'))
    const sum = (key: string) => classes.reduce((n: number, c: Record<string, number>) => n + c[key], 0)
    expect(sum('kept')).toBe(sum('weights') - Math.round(0.5 * sum('weights')))
    expect(await run('inspect', 'model')).toMatch(/attention +8×8 \+ 8×16/)
    const scores = JSON.parse(
      await run('evaluate', 'retrained', '--source', 'valid.source', '--reference', 'valid.target', '--json'),
    )
    expect(scores.scores.bleu.signature).toMatch(/^nrefs:1\|case:mixed\|eff:no\|tok:none/)
    const translated = await espalier(['translate', 'retrained', '--nbest', '2', '--alignments'], {
      cwd,
      input: 'one two\n\nthree\n',
    })
    expect(translated.stdout.split('\n').filter(line => line.startsWith('0 ||| '))).toHaveLength(2)
    await run('translate', 'model', 'valid.source', '--output', 'out.txt')
    expect((await readFile(join(cwd, 'out.txt'), 'utf8')).split('\n')).toHaveLength(31)
    const score = JSON.parse(await run('score', 'valid.target', 'valid.target', 'valid.target', '--json'))
    expect(Object.keys(score)).toEqual(['bleu', 'chrf', 'chrf++', 'ter'])
    expect(score.ter.score).toBe(0)
  })

  it('stops at a checkpoint on SIGINT, and goes on', async () => {
    const cwd = await temporaryDirectory()
    await toyData(cwd, 400)
    const train = ['train', 'data', '--preset', 'tiny', '--out', 'm', ...TINY, '--set', 'training.batchSize=4']
    const stopped = await new Promise<Result>(resolve => {
      const child = execFile(process.execPath, [bin, ...train], { cwd }, (error, stdout, stderr) => {
        resolve({ status: error ? Number(error.code ?? 1) : 0, stdout, stderr })
      })
      let interrupted = false
      const timer = setInterval(async () => {
        const begun = await stat(join(cwd, 'm/last.safetensors')).catch(() => undefined)
        // A second one would end the program at once.
        if (begun && !interrupted) interrupted = child.kill('SIGINT')
      }, 5)
      child.on('exit', () => clearInterval(timer))
    })
    expect(stopped.status).toBe(130)
    expect(stopped.stderr).toContain('espalier train data --out m --resume')
    expect((await espalier(['train', 'data', '--out', 'm', '--resume', '--threads', '1'], { cwd })).status).toBe(0)
  })

  it('goes on bit for bit after kill -9', async () => {
    const cwd = await temporaryDirectory()
    await toyData(cwd, 400)
    const settings = [...TINY, '--set', 'training.batchSize=4', '--set', 'training.checkpointEvery=10']
    const train = (out: string) => ['train', 'data', '--preset', 'tiny', '--out', out, ...settings]
    expect((await espalier(train('whole'), { cwd })).status).toBe(0)
    await new Promise<void>(resolve => {
      const child = execFile(process.execPath, [bin, ...train('killed')], { cwd }, () => resolve())
      // The first checkpoint is written before the first update, so the second is waited for.
      const seen = new Set<number>()
      const timer = setInterval(async () => {
        const file = await stat(join(cwd, 'killed/last.safetensors')).catch(() => undefined)
        if (file) seen.add(file.mtimeMs)
        if (seen.size > 1) child.kill('SIGKILL')
      }, 5)
      child.on('exit', () => clearInterval(timer))
    })
    expect((await espalier(['train', 'data', '--out', 'killed', '--resume', '--threads', '1'], { cwd })).status).toBe(0)
    const digest = (model: string) => sha256File(join(cwd, model, 'model.safetensors'))
    expect(await digest('killed')).toBe(await digest('whole'))
  })
})

describe('bad input: a message that says what, status 2, nothing written', () => {
  const prepare = (...words: string[]) => ['prepare', '--out', 'd', ...words]
  const files = (source: string, target = 'good.target') =>
    prepare('--source', source, '--target', target, '--valid-source', 'good.source', '--valid-target', 'good.target')
  const tmx =
    '<?xml version="1.0"?><tmx version="1.4"><body><tu><tuv xml:lang="fr"><seg>oui</seg></tuv></tu></body></tmx>'
  const inputs: Record<string, string | Uint8Array> = {
    'good.source': 'one\ntwo\n',
    'good.target': 'eins\nzwei\n',
    'short.target': 'eins\n',
    'latin.source': Uint8Array.of(0x6f, 0x6b, 0x0a, 0xfc, 0x0a),
    'empty.source': '',
    'other.tmx': tmx,
    'broken.tmx': '<tmx><body>\n<tu></body></tmx>',
    'column.tsv': 'one\teins\ntwo\n',
    'bad.yaml': 'model:\n  hiden: 3\n',
  }
  it.each([
    [files('good.source', 'short.target'), /good.source has 2 lines and short.target has 1/],
    [files('latin.source'), /latin.source, line 2: not valid UTF-8/],
    [files('empty.source'), /empty.source is empty/],
    [files('none.source'), /none.source: no such file/],
    [prepare('--tmx', 'other.tmx', '--valid-tmx', 'other.tmx'), /no unit in both en and de; its languages are fr/],
    [prepare('--tmx', 'broken.tmx', '--valid-tmx', 'broken.tmx'), /broken.tmx, line 2/],
    [prepare('--tsv', 'column.tsv', '--valid-tsv', 'column.tsv'), /column.tsv, line 2: one column/],
    [prepare(), /no parallel text is given; give --source, --target, .* or --tsv and --valid-tsv, or --tmx/],
    [prepare('--lowercas'), /unknown option '--lowercas'[\s\S]*--lowercase/],
    [['trian'], /unknown command 'trian'[\s\S]*train/],
    [['train', 'data', '--out', 'd', '--preset', 'smal'], /did you mean small/],
    [['train', 'data', '--out', 'd', '--config', 'bad.yaml'], /bad.yaml: unknown key model.hiden; did you mean hidden/],
    [['train', 'data', '--out', 'd', '--set', 'training.epoch=3'], /training.epoch; did you mean epochs/],
    [['train', 'good.source', '--out', 'd'], /has no data.json/],
    [['prune', 'data', '--fraction', '1', '--out', 'd'], /--fraction[\s\S]*from 0 up to, not including, 1/],
    [['prune', 'data', '--fraction', '0.5', '--out', 'd'], /is not a model/],
    [['prune', 'data', '--fraction', '0.5', '--scheme', 'blind', '--out', 'd'], /Allowed choices are class-blind/],
    [['score', 'good.source', 'short.target'], /good.source has 2 lines and short.target has 1/],
    [['phrasebook', '--out', 'data'], /data exists already.*--force/],
  ] as [string[], RegExp][])('%j', async (words, message) => {
    const cwd = await temporaryDirectory()
    await mkdir(join(cwd, 'data'))
    for (const [name, content] of Object.entries(inputs)) await writeFile(join(cwd, name), content)
    const before = await readdir(cwd)
    const { status, stderr, stdout } = await espalier(words, { cwd })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n {4}at /)
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(await readdir(cwd)).toEqual(before)
  })
})

describe('with a model at hand, refuses with status 2, and writes nothing', () => {
  let cwd = ''
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'espalier-'))
    const data = await toyData(cwd)
    await trainNew(data, { configuration: toyConfiguration({ training: { epochs: 0.1 } }), out: join(cwd, 'model') })
  })
  afterAll(() => rm(cwd, { recursive: true, force: true }))

  it.each([
    [
      ['prune', 'model', '--fraction', '0.5', '--only', 'soft', '--out', 'd'],
      /no weight class soft; there are source-emb/,
    ],
    [['prune', 'model', '--fraction', '0.5', '--block', '8', '--out', 'd'], /--block 8/],
    [['prune', 'model', '--pattern', '4:2', '--out', 'd'], /--pattern 4:2/],
    [['prune', 'model', '--fraction', '0.5', '--scheme', 'taylor', '--out', 'd'], /training.gather=taylor/],
    [['prune', 'model', '--out', 'd'], /--fraction is missing/],
    [['prune', 'model', '--fraction', '0.5', '--budget', 'sensitivity', '--out', 'd'], /needs --data/],
    [['prune', 'model/model.safetensors', '--fraction', '0.5', '--out', 'd'], /--classes/],
    [['compress', 'model', 'data', '--steps', '0.8,0.4', '--out', 'd'], /that increase/],
    [['compress', 'model', 'data', '--steps', '0.8', '--fraction', '0.8', '--out', 'd'], /--steps and --fraction both/],
    [
      ['compress', 'model', 'data', '--set', 'schedule.method=iterated', '--fraction', '0.8', '--out', 'd'],
      /schedule.method and --fraction both say how to prune/,
    ],
    [['compress', 'model', 'data', '--hours', '1', '--out', 'd'], /--hours is for --fraction/],
    [['compress', 'model', 'data', '--fraction', '0.8', '--hours', '0', '--out', 'd'], /a number above 0/],
    [['compress', 'model', 'data', '--fraction', '1', '--out', 'd'], /a number between 0 and 1/],
    [['compress', 'model', 'data', '--fraction', '0', '--out', 'd'], /a number between 0 and 1/],
    [['compress', 'model', 'data', '--set', 'schedule.step=[0.8]', '--out', 'd'], /schedule.step; did you mean steps/],
    [['study', 'data', '--out', 'model'], /model exists and is no study/],
    [['study', 'data', '--out', 'd', '--set', 'study.level=[0.5]'], /study.level; did you mean levels/],
    [['study', 'data', '--out', 'd', '--test-source', 'valid.source'], /go together/],
  ] as [string[], RegExp][])('%j', async (words, message) => {
    const before = await readdir(cwd)
    const { status, stderr, stdout } = await espalier(words, { cwd })
    expect(stderr).toMatch(message)
    expect([status, stdout, await readdir(cwd)]).toEqual([2, '', before])
  })
})

describe('pruning and studies from the command line', () => {
  it('prune by budget and by file, compress by steps, and study', async () => {
    const cwd = await temporaryDirectory()
    const data = await toyData(cwd)
    await trainNew(data, { configuration: toyConfiguration({ training: { epochs: 1 } }), out: join(cwd, 'model') })
    const run = async (...words: string[]) => {
      const result = await espalier(words, { cwd })
      expect(result.status, `${words.join(' ')}\n${result.stderr}`).toBe(0)
      return result.stdout
    }
    const { points } = JSON.parse(await run('sensitivity', 'model', 'data', '--levels', '0.5,0.9', '--json'))
    expect(points).toHaveLength(2 * 6)
    const budget = ['--budget', 'sensitivity', '--data', 'data']
    const report: ClassReport[] = JSON.parse(
      await run('prune', 'model', '--fraction', '0.6', ...budget, '--out', 'budget', '--json'),
    )
    const [weights, pruned] = (['weights', 'pruned'] as const).map(key => report.reduce((n, c) => n + c[key], 0))
    expect(pruned / weights).toBeCloseTo(0.6, 2)
    await writeFile(join(cwd, 'classes.yaml'), 'encoder: encoder.weight_*\nsoftmax: [softmax.weight]\n')
    const file = ['prune', 'model/model.safetensors', '--classes', 'classes.yaml', '--fraction', '0.5']
    expect(await run(...file, '--block', '1x4', '--out', 'p.safetensors')).toMatch(/^encoder.*\nsoftmax/mu)
    const compressed = await run('compress', 'model', 'data', '--steps', '0.4,0.8', '--out', 'c', '--threads', '1')
    const last = /^ *80.0% .* (\S+)$/mu.exec(compressed)![1]
    expect(await run('inspect', last)).toContain('80.0% pruned')
    expect(await run('compress', 'model', 'data', '--steps', '0.4,0.8', '--out', 'c')).toBe(compressed)
    const best = [
      'compress',
      'model',
      'data',
      '--fraction',
      '0.8',
      '--set',
      'schedule.retraining.epochs=2',
      '--out',
      'b',
    ]
    const { best: first, models } = JSON.parse(await run(...best, '--json'))
    expect(models).toMatchObject([{ kind: 'retrain', fraction: 0.8, model: first, epochs: 2 }])
    expect(await run('inspect', first)).toContain('80.0% pruned')
    const tried = JSON.parse(await run(...best, '--hours', '1', '--json'))
    expect(tried.models).toHaveLength(5)
    expect(tried.models[0]).toEqual(models[0])
    const perplexities: number[] = tried.models.map(
      ({ validPerplexity }: { validPerplexity: number }) => validPerplexity,
    )
    expect(tried.models[perplexities.indexOf(Math.min(...perplexities))].model).toBe(tried.best)
    const settings = [
      'schemes=[class-blind]',
      'levels=[0.5]',
      'retrained=[0.5]',
      'scratch=[]',
      'sensitivity={levels: [0.5], bleu: false}',
    ]
    const study = ['study', 'data', '--baseline', 'model', '--out', 's', '--threads', '1']
    const table = await run(...study, ...settings.flatMap(setting => ['--set', `study.${setting}`]))
    expect(table).toMatch(/^retrained-50 +50.0%/mu)
    expect((await readFile(join(cwd, 's/report.html'), 'utf8')).startsWith('<!doctype html>')).toBe(true)
  })
})
