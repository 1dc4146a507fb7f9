import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readModel } from '../../src/checkpoint/model-directory.ts'
import { trainNew } from '../../src/pipeline/train.ts'
import { readBrowserSpeeds } from '../../src/study/browser-speeds.ts'
import { PackedModels } from '../../src/study/packed-models.ts'
import { openTranslator } from '../../src/translation/open.ts'
import { temporaryDirectory, toyConfiguration, toyData, toyPairs } from '../support.ts'

const sources = toyPairs(10, 3).map(({ source }) => source)

describe('packed models of a study', () => {
  it('are files that translate as was measured, at some speed', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'model')
    const configuration = toyConfiguration({ training: { epochs: 1 } })
    await trainNew(await toyData(directory), { configuration, out, threads: 1 })
    const model = await readModel(out)
    const packed = await PackedModels.open(join(directory, 'packed'), 'int8', 2)
    const measured = await packed.measure(model, sources, 'dense')
    expect((await stat(packed.path('dense'))).size).toBe(measured.bytes)
    expect(measured.memory).toBeGreaterThan(measured.bytes)
    const translator = await openTranslator(packed.path('dense'))
    const found = await translator.translate(sources, { beam: 2 }).finally(() => translator.release())
    expect(measured.translations).toEqual(found.map(([best]) => best.text))
    // A file of other content is replaced.
    await writeFile(packed.path('dense'), 'x')
    await packed.keep('dense', measured.bytes, async () => model)
    expect((await stat(packed.path('dense'))).size).toBe(measured.bytes)
    const [speed] = await packed.wordsPerSecond(['dense'], sources, { rounds: 2, sentences: 5 })
    expect(speed).toBeGreaterThan(0)
  })
})

describe('what was measured in a browser', () => {
  const measurement = {
    browser: 'chromium 1.2',
    start: [{ system: 'dense.espalier', bytes: 10 }],
    memory: [{ system: 'dense.espalier', afterAll: { wasm: 2, privateNow: 3 } }],
    speeds: [
      { system: 'dense.espalier', beam: 1, batchSize: 32, median: 200 },
      { system: 'dense.espalier', beam: 5, batchSize: 32, median: 100 },
    ],
  }

  it('is read by the names of files', async () => {
    const path = join(await temporaryDirectory(), 'browser.json')
    const setting = { beam: 5, batchSize: 32 }
    expect(await readBrowserSpeeds(path, setting)).toBeUndefined()
    await writeFile(path, JSON.stringify(measurement))
    const models = new Map([['dense', { bytes: 10, wordsPerSecond: 100, memory: 3 * 2 ** 20 }]])
    expect(await readBrowserSpeeds(path, setting)).toEqual({ browser: 'chromium 1.2', models })
    await expect(readBrowserSpeeds(path, { beam: 4, batchSize: 32 })).rejects.toThrow('--beams 4 --batches 32')
    await writeFile(path, '{}')
    await expect(readBrowserSpeeds(path, setting)).rejects.toMatchObject({ code: 'damaged-file' })
  })
})
