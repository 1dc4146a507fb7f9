import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createDirectoryWhole, refuseExisting, sha256File, writeWhole } from '../../src/storage/atomic-files.ts'
import { temporaryDirectory } from './temporary.ts'

describe('writeWhole', () => {
  test('writes text, bytes and parts, and replaces what was there', async () => {
    const path = join(await temporaryDirectory(), 'file')
    await writeWhole(path, 'first')
    await writeWhole(path, new Uint8Array([1, 2]))
    expect([...(await readFile(path))]).toEqual([1, 2])
    await writeWhole(path, [new Uint8Array([3]), new Uint8Array([4, 5])])
    expect([...(await readFile(path))]).toEqual([3, 4, 5])
  })

  test('a failure on the way leaves the file that was there, and nothing else', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'file')
    await writeWhole(path, 'before')
    async function* full() {
      yield new Uint8Array(1000)
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    }
    await expect(writeWhole(path, full())).rejects.toThrow('no space left')
    expect(await readFile(path, 'utf8')).toBe('before')
    expect(await readdir(directory)).toEqual(['file'])
  })

  test('removes what a killed process left, and nothing of a living one', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, '.file.999999999-0.partial'), 'dead')
    await writeFile(join(directory, `.file.${process.pid}-999.partial`), 'alive')
    await writeFile(join(directory, '.file.other'), 'unrelated')
    await writeWhole(join(directory, 'file'), 'new')
    expect((await readdir(directory)).sort()).toEqual([`.file.${process.pid}-999.partial`, '.file.other', 'file'])
  })
})

test('sha256File', async () => {
  const path = join(await temporaryDirectory(), 'file')
  await writeWhole(path, 'abc')
  // FIPS 180-2, appendix B.1
  expect(await sha256File(path)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('refuseExisting names --force', async () => {
  const directory = await temporaryDirectory()
  await expect(refuseExisting(directory, false)).rejects.toMatchObject({
    code: 'output-exists',
    message: expect.stringContaining('--force'),
  })
  await refuseExisting(directory, true)
  await refuseExisting(join(directory, 'new'), false)
})

describe('createDirectoryWhole', () => {
  const fill = (content: string) => async (directory: string) => {
    await writeFile(join(directory, 'mark'), content)
    return content
  }

  test('appears with all it holds, and is replaced with force alone', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'a/b/out')
    expect(await createDirectoryWhole(out, { force: false }, fill('one'))).toBe('one')
    await expect(createDirectoryWhole(out, { force: false }, fill('two'))).rejects.toMatchObject({
      code: 'output-exists',
    })
    await createDirectoryWhole(out, { force: true, mark: 'mark' }, fill('three'))
    expect(await readFile(join(out, 'mark'), 'utf8')).toBe('three')
    expect(await readdir(join(directory, 'a/b'))).toEqual(['out'])
  })

  test('a failure leaves nothing, neither parents that were made', async () => {
    const directory = await temporaryDirectory()
    const fail = async (out: string) => {
      await writeFile(join(out, 'file'), 'half')
      throw new Error('stop')
    }
    await expect(createDirectoryWhole(join(directory, 'a/b/out'), { force: false }, fail)).rejects.toThrow('stop')
    expect(await readdir(directory)).toEqual([])
  })

  test('a failure leaves what was to be replaced', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'out')
    await createDirectoryWhole(out, { force: false }, fill('one'))
    const fail = () => Promise.reject(new Error('stop'))
    await expect(createDirectoryWhole(out, { force: true, mark: 'mark' }, fail)).rejects.toThrow('stop')
    expect(await readFile(join(out, 'mark'), 'utf8')).toBe('one')
    expect(await readdir(directory)).toEqual(['out'])
  })

  test('does not delete what is not ours, even with force', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'thesis')
    await mkdir(out)
    await createDirectoryWhole(out, { force: true, mark: 'mark' }, async () => undefined)
    await writeFile(join(out, 'chapter'), 'years of work')
    await expect(createDirectoryWhole(out, { force: true, mark: 'mark' }, fill('one'))).rejects.toMatchObject({
      code: 'not-ours',
    })
    expect(await readdir(out)).toEqual(['chapter'])
  })
})
