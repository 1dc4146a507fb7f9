import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createDirectoryAtomic, markDirectory } from '../../src/storage/atomic-directory.ts'
import { temporaryDirectory } from '../support.ts'

const fill = (content: string) => async (directory: string) => {
  await writeFile(join(directory, 'config.json'), content)
  return content
}
const content = (out: string) => readFile(join(out, 'config.json'), 'utf8')
const kind = 'model'

describe('createDirectoryAtomic', () => {
  test('appears with all it holds, and is replaced with force alone', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'a/b/out')
    expect(await createDirectoryAtomic(out, { kind }, fill('one'))).toBe('one')
    await expect(createDirectoryAtomic(out, { kind }, fill('two'))).rejects.toMatchObject({ code: 'output-exists' })
    await createDirectoryAtomic(out, { kind, force: true }, fill('three'))
    expect(await content(out)).toBe('three')
    expect(await readdir(join(directory, 'a/b'))).toEqual(['out'])
  })

  test('a failure leaves nothing, neither parents that were made', async () => {
    const directory = await temporaryDirectory()
    const fail = async (out: string) => {
      await writeFile(join(out, 'file'), 'half')
      throw new Error('stop')
    }
    await expect(createDirectoryAtomic(join(directory, 'a/b/out'), { kind }, fail)).rejects.toThrow('stop')
    expect(await readdir(directory)).toEqual([])
  })

  test('a failure leaves what was to be replaced', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'out')
    await createDirectoryAtomic(out, { kind }, fill('one'))
    const fail = () => Promise.reject(new Error('stop'))
    await expect(createDirectoryAtomic(out, { kind, force: true }, fail)).rejects.toThrow('stop')
    expect(await content(out)).toBe('one')
    expect(await readdir(directory)).toEqual(['out'])
  })

  test.each([
    { name: 'has no marker', force: false },
    { name: 'has no marker, with force', force: true },
  ])('a directory that appears meanwhile and $name survives', async ({ force }) => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'out')
    const meanwhile = async (partial: string) => {
      await fill('ours')(partial)
      await mkdir(out)
      await writeFile(join(out, 'thesis.tex'), 'years of work')
    }
    const code = force ? 'not-ours' : 'output-exists'
    await expect(createDirectoryAtomic(out, { kind, force }, meanwhile)).rejects.toMatchObject({ code })
    expect(await readFile(join(out, 'thesis.tex'), 'utf8')).toBe('years of work')
    expect(await readdir(directory)).toEqual(['out'])
  })

  test('does not delete what is not ours, even with force: common names say nothing', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'bert')
    await mkdir(out)
    await createDirectoryAtomic(out, { kind, force: true }, fill('into an empty directory'))
    await rm(out, { recursive: true })
    await mkdir(out)
    await writeFile(join(out, 'config.json'), '{"model_type":"bert"}')
    await expect(createDirectoryAtomic(out, { kind, force: true }, fill('x'))).rejects.toMatchObject({
      code: 'not-ours',
      message: expect.stringContaining('did not make it'),
    })
    expect(await readdir(out)).toEqual(['config.json'])
  })

  test('what somebody put into a directory of ours is named and kept, however deep', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'quick')
    await markDirectory(out, 'quickstart')
    await markDirectory(join(out, 'study'), 'study')
    await markDirectory(join(out, 'study/models'), 'models')
    await createDirectoryAtomic(join(out, 'study/models/dense-1'), { kind }, fill('model'))
    await writeFile(join(out, 'study/models/dense-1/notes.txt'), 'mine')
    const again = () => createDirectoryAtomic(out, { kind: 'quickstart', force: true }, async () => {})
    await expect(again()).rejects.toMatchObject({
      code: 'not-ours',
      message: expect.stringContaining('study/models/dense-1/notes.txt'),
    })
    await rm(join(out, 'study/models/dense-1/notes.txt'))
    await again()
    expect(await readdir(out)).toEqual(['.espalier'])
  })
})
