import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readModel } from '../../src/checkpoint/model-directory.ts'
import { readAnyModel } from '../../src/checkpoint/packed-file.ts'
import { readSafetensors, writeSafetensors } from '../../src/checkpoint/safetensors.ts'
import { evaluateModel } from '../../src/evaluation/evaluate-model.ts'
import { type Sensitivity, sensitivityBudget } from '../../src/evaluation/sensitivity.ts'
import { packModel } from '../../src/packing/pack.ts'
import { pruneModel } from '../../src/pipeline/prune-model.ts'
import { openTranslator } from '../../src/translation/open.ts'
import { packedFile, randomModel } from '../packing/random-model.ts'

async function copied(directory: string): Promise<string> {
  const copy = `${directory}-copy`
  await mkdir(copy)
  for (const file of await readdir(directory)) await copyFile(join(directory, file), join(copy, file))
  return copy
}

describe("a model's directory", () => {
  it('is refused where any of its files was altered, cut or lost', async () => {
    const { model } = await randomModel({}, '1x4')
    const copy = await copied(model)
    const files = ['config.json', 'tokenizer.json', 'source.vocabulary', 'mask.safetensors', 'model.safetensors']
    for (const file of files) {
      const bytes = await readFile(join(model, file))
      const altered = Buffer.from(bytes)
      altered[altered.length - 2] ^= 1
      await writeFile(join(copy, file), altered)
      await expect(readModel(copy)).rejects.toMatchObject({
        code: 'damaged-file',
        message: expect.stringContaining(file),
      })
      await writeFile(join(copy, file), bytes)
    }
    expect((await readModel(copy)).mask).toEqual((await readModel(model)).mask)
  })

  it('with NaN or infinity is refused by tensor and place', async () => {
    const { model } = await randomModel({})
    const path = join(model, 'model.safetensors')
    const { tensors, metadata } = await readSafetensors(path)
    const { sha256: _digest, ...rest } = metadata
    ;(tensors.get('softmax.weight')!.data as Float32Array)[13] = Number.NaN
    await writeSafetensors(path, tensors, rest)
    await expect(readModel(model)).rejects.toThrow(`${path}: softmax.weight[1, 1] is NaN`)
  })

  it('is pruned with few options, by its path or as it was read, and what was wrong is said', async () => {
    const { directory, model } = await randomModel({})
    const [one, other] = [join(directory, 'one'), join(directory, 'other')]
    const report = await pruneModel(model, { fraction: 0.8, out: one })
    expect(report.every(({ chosen }) => chosen)).toBe(true)
    await pruneModel(await readModel(model), { fraction: 0.8, out: other })
    for (const file of await readdir(one))
      expect(await readFile(join(other, file))).toEqual(await readFile(join(one, file)))
    await expect(pruneModel(model, { out: join(directory, 'none') })).rejects.toMatchObject({ code: 'fraction' })
    await expect(pruneModel(model, { fraction: 0.8, out: model, force: true })).rejects.toMatchObject({
      code: 'same-path',
    })
  })

  it('and a packed file serve alike: translated, evaluated, packed again', async () => {
    const { directory, model } = await randomModel({ attention: 'general' }, '1x4')
    const file = await packedFile(model, 'f32', directory)
    const packed = await readAnyModel(file)
    expect(Buffer.concat(await packModel(packed))).toEqual(await readFile(file))
    const [sources, references] = [
      ['one two', 'three'],
      ['two one', 'three'],
    ]
    const found = []
    for (const either of [await readModel(model), packed]) {
      const translator = await openTranslator(either)
      const scores = await evaluateModel(either, sources, references, { beam: 2, translator })
      // The translator is still open: it is the caller's.
      const again = await translator.translate(sources, { beam: 2 })
      expect(again.map(([best]) => best.text)).toEqual(scores.translations)
      await translator.release()
      found.push(scores.translations)
    }
    expect(found[1]).toEqual(found[0])
    await expect(evaluateModel(packed, sources, ['x'])).rejects.toMatchObject({ code: 'lengths-differ' })
  })
})

describe('a budget from sensitivity', () => {
  const sensitivity: Sensitivity = {
    perplexity: 10,
    weights: { a: 100, b: 300 },
    points: ['a', 'b'].flatMap(name =>
      [0.25, 0.5, 0.75].map(fraction => ({
        name,
        fraction,
        perplexity: name === 'a' ? 10 * (1 + fraction) : fraction === 0.75 ? Number.NaN : 10 * (1 + fraction / 10),
        largestPruned: 0,
      })),
    ),
  }
  const total = (budget: Record<string, number>) => (100 * budget.a + 300 * budget.b) / 400
  it.each([0, 0.1, 0.5, 0.74, 0.95, 0.99])('makes up %s in all', fraction => {
    expect(total(sensitivityBudget(sensitivity, fraction))).toBeCloseTo(fraction, 6)
  })
  it('is of the chosen classes, and never less than is pruned already', () => {
    expect(sensitivityBudget(sensitivity, 0.5, { except: ['b'] }).a).toBeCloseTo(0.5, 6)
    const before = { ...sensitivity, pruned: { a: 0.6, b: 0 } }
    const budget = sensitivityBudget(before, 0.2)
    expect(budget.a).toBeGreaterThanOrEqual(0.6)
    expect(total(budget)).toBeCloseTo(0.2, 6)
    expect(() => sensitivityBudget(before, 0.1)).toThrow('0.1500 of the weights are pruned already')
    expect(() => sensitivityBudget(sensitivity, 1)).toThrow('not in [0, 1)')
  })
})
