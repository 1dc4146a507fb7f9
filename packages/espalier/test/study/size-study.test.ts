import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readModel } from '../../src/checkpoint/model-directory.ts'
import { parseStudy } from '../../src/study/configuration.ts'
import { writeReport } from '../../src/study/report/index.ts'
import { runStudy } from '../../src/study/study.ts'
import { temporaryDirectory, toyConfiguration, toyData, toyPairs } from '../support.ts'

const pairs = toyPairs(20, 3)
const tests = [{ name: 'test', sources: pairs.map(p => p.source), references: pairs.map(p => p.target) }]
const study = parseStudy(
  {
    seeds: [1, 2],
    ...{ schemes: ['class-blind'], levels: [0.5], retrained: [], scratch: [] },
    ...{ retraining: { epochs: 2 }, sensitivity: { levels: [0.5], bleu: false }, beam: 2 },
    sizes: { kept: [0.2], small: { learningRate: 0.02 } },
  },
  'here',
)

describe('a study of sizes', () => {
  it('trains a small dense model for each pruned one, packs all, and goes on where it was', async () => {
    const directory = await temporaryDirectory()
    const [data, out] = [await toyData(directory, 120), join(directory, 'study')]
    const options = {
      data,
      out,
      configuration: toyConfiguration({ model: { hidden: 24 }, training: { backend: 'wasm' } }),
      study,
      tests,
      threads: 1,
    }
    const results = await runStudy(options)
    const ids = ['dense', 'class-blind-50', 'large-sparse-20', 'small-dense-20']
    expect(results.models.map(({ id, seed }) => [id, seed])).toEqual([1, 2].flatMap(seed => ids.map(id => [id, seed])))

    const [pair] = results.sizes!
    expect(pair).toMatchObject({ share: 0.2, sparse: 'large-sparse-20', small: 'small-dense-20' })
    expect(pair.budgets.map(({ seed }) => seed)).toEqual([1, 2])
    const small = results.models.filter(({ group }) => group === 'small')
    const sparse = results.models.find(({ id }) => id === pair.sparse)!
    expect(sparse.kept).toBe(pair.weights.sparse)
    for (const model of small) {
      expect([model.weights, model.kept, model.sparsity]).toEqual([pair.weights.small, pair.weights.small, 0])
      const { config } = await readModel(join(out, model.directory!))
      expect(config.model.hidden).toBe(pair.hidden)
      const { epochs } = pair.budgets.find(({ seed }) => seed === model.seed)!
      expect(config.training).toMatchObject({ epochs, seed: model.seed, learningRate: 0.02 })
      expect(model.epochs).toHaveLength(epochs)
    }
    expect(results.comparisons.find(({ than }) => than === pair.small)).toMatchObject({
      better: pair.sparse,
      seeds: [1, 2],
    })
    expect(results.claims.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7])

    // Only what was trained is packed, and the first seed's files are there to be measured elsewhere.
    for (const { id, seed, packed } of results.models)
      expect([id, seed, packed?.wordsPerSecond !== undefined]).toEqual([id, seed, id !== ids[1] && seed === 1])
    const [{ packed: dense }, , { packed: pruned }] = results.models
    expect(pruned!.bytes).toBeLessThan(dense!.bytes)
    expect((await readdir(join(out, 'packed'))).sort()).toEqual([
      '.espalier',
      'dense.espalier',
      'large-sparse-20.espalier',
      'small-dense-20.espalier',
    ])
    expect((await stat(join(out, 'packed/dense.espalier'))).size).toBe(dense!.bytes)
    expect(results.summaries[0].packed).toMatchObject({ bytes: dense!.bytes, wordsPerSecond: dense!.wordsPerSecond })

    // Killed before its last model was built: the same budget, and the same model.
    const last = small.at(-1)!
    await rm(join(out, last.directory!), { recursive: true })
    for (const file of await readdir(join(out, 'measurements')))
      if (
        file.startsWith('small-dense') &&
        (await readFile(join(out, 'measurements', file), 'utf8')).includes('"seed":2')
      )
        await rm(join(out, 'measurements', file))
    const made: string[] = []
    const again = await runStudy({ ...options, events: { onResult: ({ id }) => void made.push(id) } })
    expect(made).toEqual(['small-dense-20'])
    const comparable = ({ seconds: _, ...rest }: typeof results) =>
      JSON.stringify(rest, (key, value) => (key === 'wordsPerSecond' ? undefined : value))
    expect(comparable(again)).toBe(comparable(results))

    // What a browser measured joins the results, and a figure with them.
    const system = 'dense.espalier'
    const measured = {
      browser: 'chromium 1.2',
      start: ids.map(id => ({
        system: `${id}.espalier`,
        bytes: again.models.find(m => m.id === id)?.packed?.bytes ?? 0,
      })),
      memory: ids.map(id => ({ system: `${id}.espalier`, afterAll: { wasm: 2 } })),
      speeds: ids.map((id, i) => ({ system: `${id}.espalier`, beam: 2, batchSize: 32, median: 100 + i })),
    }
    await writeFile(join(out, 'browser.json'), JSON.stringify(measured))
    const withBrowser = await runStudy(options)
    expect(withBrowser.browser).toBe('chromium 1.2')
    expect(withBrowser.models[0].packed?.browser).toEqual({ wordsPerSecond: 100, memory: 2 * 2 ** 20 })
    expect(measured.start[0].system).toBe(system)
    await writeReport(out, withBrowser)
    const figures = await readdir(join(out, 'figures'))
    expect(figures).toEqual(expect.arrayContaining(['pareto.svg', 'pareto.csv']))
    const numbers = await readFile(join(out, 'figures/pareto.csv'), 'utf8')
    for (const cost of ['megabytes', 'wordsPerSecondNode', 'wordsPerSecondBrowser'])
      for (const id of [pair.sparse, pair.small]) expect(numbers).toMatch(new RegExp(`^${id},[^,]+,${cost},`, 'mu'))
  })
})
