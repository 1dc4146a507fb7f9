import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applySettings, parseSettings } from '../../src/cli/settings.ts'
import { temporaryDirectory } from '../support.ts'
import { run } from './in-process.ts'

describe('--set', () => {
  it('sets a key at any depth, and leaves the rest as it is', () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const path = fc.array(key, { minLength: 1, maxLength: 4 }).map(keys => ['model', ...keys])
    fc.assert(
      fc.property(path, fc.integer(), (at, value) => {
        const reader = { command: 'train', sections: ['model'] }
        const settings = parseSettings([`${at.join('.')}=${value}`], reader)
        const before = { model: { a: { b: 1 }, x: 2 }, training: { c: 3 } }
        const after = applySettings(before, settings)
        expect(at.reduce<unknown>((o, step) => (o as Record<string, unknown>)[step], after)).toBe(value)
        expect(after).toMatchObject({ model: { x: 2 }, training: { c: 3 } })
        expect(before).toEqual({ model: { a: { b: 1 }, x: 2 }, training: { c: 3 } })
      }),
    )
  })

  it.each([
    ['train', 'training.epochs', /--set training.epochs: it has to be section.key=value/],
    ['train', 'training=4', /names a section; name one of its keys/],
    ['train', 'trainin.epochs=4', /there is no section trainin; did you mean training\? \(train reads model/],
    ['train', 'study.levels=[0.1]', /section study is for study; train reads model, training, gradual/],
    ['train', 'schedule.steps=[0.9]', /section schedule is for compress; train reads/],
    ['train', 'training.epochs.more=4', /training.epochs is \{"more":4\}; it has to be a number/],
    ['train', 'training.epochs=many', /training.epochs is "many"; it has to be a number/],
    ['train', 'training.epochs=-1', /training.epochs is -1; it has to be more than 0/],
    ['train', 'training.batchSize=2.5', /training.batchSize is 2.5; it has to be a whole number/],
    ['train', 'training.epochs=', /training.epochs is empty; it has to be a number/],
    ['train', 'training.optimizer=adamm', /one of sgd, adam; did you mean adam\?/],
    ['train', 'training.snapshots=[1', /this is not valid YAML: a bracket, quote, comma or colon is missing/],
    ['train', 'model.layers=99', /model.layers is 99; it has to be at most/],
    ['study', 'gradual.fraction=0.9', /section gradual is for train and retrain; study reads/],
    ['study', 'study.levels=[0.5, 2]', /study.levels \(entry 2\) is 2; it has to be less than 1/],
    ['study', 'study.sensitivity.level=[0.5]', /unknown key study.sensitivity.level; did you mean levels/],
  ])('%s refuses %s', async (command, setting, message) => {
    const { status, stderr, stdout } = await run(command, '/nowhere/data', '--out', '/nowhere/out', '--set', setting)
    expect(stderr).toMatch(message)
    expect(stderr).toContain(`espalier: --set ${setting}`)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect([status, stdout]).toEqual([2, ''])
  })

  it('reaches into what a schedule retrains with', async () => {
    const { stderr } = await run(
      'compress',
      '/nowhere',
      '/nowhere',
      '--out',
      '/nowhere/o',
      '--set',
      'schedule.retraining.dropout=0.1',
    )
    expect(stderr).toMatch(/nowhere is not a model/)
    const wrong = await run(
      'compress',
      '/nowhere',
      '/nowhere',
      '--out',
      '/nowhere/o',
      '--set',
      'schedule.retraining.dropot=0.1',
    )
    expect(wrong.stderr).toMatch(/unknown key schedule.retraining.dropot; did you mean dropout\?/)
  })
})

describe('--config', () => {
  it.each([
    ['model: 5', /c.yaml: model is 5; it has to be keys with values, as in model: \{key: value\}/],
    ['training: hello', /c.yaml: training is "hello"; it has to be keys with values/],
    ['modle: {layers: 2}', /c.yaml: unknown key modle; did you mean model\?/],
    ['preset: nope', /c.yaml: preset nope: there is no preset of that name; did you mean/],
    ['preset: 5', /c.yaml: preset is 5; it has to be one of tiny/],
    ['- model', /c.yaml holds \["model"\]; it has to hold keys with values/],
    ['model:\n  layers: [2', /c.yaml, line \d: this is not valid YAML/],
    ['study: {levels: [0.9, 0.5]}', /c.yaml: study.levels has to increase/],
    ['model: {attention: dots}', /c.yaml: model.attention is "dots"; .*did you mean dot\?/],
    ['preset: tiny\nmodel: {hidden: 0}', /c.yaml: model.hidden is 0; it has to be at least/],
  ])('refuses %j', async (text, message) => {
    const path = join(await temporaryDirectory(), 'c.yaml')
    await writeFile(path, text)
    const { status, stderr } = await run('train', '/nowhere', '--out', '/nowhere/o', '--config', path)
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(status).toBe(2)
  })

  it('refuses a directory, and a file that is not there', async () => {
    const directory = await temporaryDirectory()
    const refusal = async (path: string) =>
      (await run('train', '/nowhere', '--out', '/nowhere/o', '--config', path)).stderr
    expect(await refusal(directory)).toMatch(/is a directory; name a YAML file/)
    expect(await refusal(join(directory, 'none.yaml'))).toMatch(/none.yaml: no such file/)
  })

  it('takes sections that are empty, and those of other commands', async () => {
    const path = join(await temporaryDirectory(), 'c.yaml')
    await writeFile(path, 'model:\nschedule: {steps: [0.5]}\n')
    await mkdir(join(path, '..', 'data'))
    const { stderr } = await run('train', join(path, '..', 'data'), '--out', join(path, '..', 'm'), '--config', path)
    expect(stderr).toMatch(/has no data.json/)
  })
})
