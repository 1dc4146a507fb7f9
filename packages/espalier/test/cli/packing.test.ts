import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { randomModel } from '../packing/random-model.ts'
import { toyPairs } from '../support.ts'
import { espalier } from './program.ts'

describe('packed models from the command line', () => {
  it('are packed, inspected, translated with on one thread and on two, evaluated and unpacked', async () => {
    const { directory: cwd, model } = await randomModel({ hidden: 16, attention: 'general' }, '1x8')
    const run = async (...words: string[]) => {
      const result = await espalier(words, { cwd })
      expect(result.status, `${words.join(' ')}\n${result.stderr}`).toBe(0)
      return result.stdout
    }
    const text = toyPairs(40, 3)
    await writeFile(join(cwd, 'text'), text.map(({ source }) => `${source}\n`).join(''))
    await writeFile(join(cwd, 'reference'), text.map(({ target }) => `${target}\n`).join(''))
    expect(await run('pack', model, '--out', 'f32.espalier')).toMatch(/softmax .*\n[\s\S]*bytes in all/)
    const packed = JSON.parse(
      await run('pack', model, '--values', 'int8', '--evaluate', 'data', '--out', 'q.espalier', '--json'),
    )
    expect(packed.quality[0]).toMatchObject({ name: 'BLEU, validation text' })
    expect(JSON.parse(await run('inspect', 'q.espalier', '--json'))).toEqual(packed)

    const translate = (of: string, ...more: string[]) => run('translate', of, 'text', '--beam', '3', ...more)
    const wanted = await translate(model)
    expect(await translate('f32.espalier')).toBe(wanted)
    expect(await translate('f32.espalier', '--threads', '2', '--batch', '4')).toBe(wanted)
    const evaluate = async (of: string) =>
      JSON.parse(await run('evaluate', of, '--source', 'text', '--reference', 'reference', '--json'))
    const [before, after] = [await evaluate(model), await evaluate('f32.espalier')]
    expect(after.scores).toEqual(before.scores)
    expect(after.perplexity).toBe(before.perplexity)

    await run('unpack', 'f32.espalier', '--out', 'back')
    expect(await readFile(join(cwd, 'back', 'model.safetensors'))).toEqual(
      await readFile(join(model, 'model.safetensors')),
    )
  })

  it('are refused with exit status 2 where they are damaged, or the wrong thing was asked for', async () => {
    const { directory: cwd, model } = await randomModel({}, '1x1')
    expect((await espalier(['pack', model, '--out', 'a.espalier'], { cwd })).status).toBe(0)
    const bytes = await readFile(join(cwd, 'a.espalier'))
    bytes[bytes.length - 100] ^= 1
    await writeFile(join(cwd, 'b.espalier'), bytes)
    for (const [words, message] of [
      [
        ['translate', 'b.espalier', 'data/valid.source'],
        /b\.espalier: section softmax\.\w+\/values: its checksum is wrong/,
      ],
      [['translate', 'b.espalier', 'data/valid.source', '--threads', '2'], /b\.espalier: section softmax/],
      [['unpack', 'b.espalier', '--out', 'c'], /section softmax/],
      [['inspect', 'data/valid.source'], /not a packed model/],
      [['translate', 'nowhere.espalier'], /nowhere\.espalier: there is no such model/],
      [['pack', model, '--out', 'a.espalier'], /exists/],
      [['pack', model, '--out', 'c', '--values', 'int4'], /f32, f16, int8, codebook/],
      [['pack', model, '--out', 'c', '--entries', '16'], /--values codebook/],
      [['pack', model, '--out', 'c', '--evaluate', 'model'], /./],
      [['pack', 'data', '--out', 'c'], /not a model/],
    ] as const) {
      const result = await espalier([...words], { cwd })
      expect(result.stderr, words.join(' ')).toMatch(message)
      expect(result.status, words.join(' ')).toBe(2)
      expect(result.stderr).not.toMatch(/\n {4}at /)
    }
  })
})
