import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFileAtomic, writeOutputFile } from '../../src/storage/atomic-files.ts'
import { sha256File } from '../../src/storage/digest.ts'
import { describeFileError } from '../../src/storage/file-errors.ts'
import { HOST_ID } from '../../src/storage/host.ts'
import { temporaryDirectory } from '../support.ts'

async function* fullDisk() {
  yield new Uint8Array(1000)
  throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
}

describe('writeFileAtomic', () => {
  test('writes text, bytes and parts, and replaces what was there', async () => {
    const path = join(await temporaryDirectory(), 'file')
    await writeFileAtomic(path, 'first')
    await writeFileAtomic(path, new Uint8Array([1, 2]))
    expect([...(await readFile(path))]).toEqual([1, 2])
    await writeFileAtomic(path, [new Uint8Array([3]), new Uint8Array([4, 5])])
    expect([...(await readFile(path))]).toEqual([3, 4, 5])
  })

  test('a failure on the way leaves the file that was there, and nothing else', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'file')
    await writeFileAtomic(path, 'before')
    await expect(writeFileAtomic(path, fullDisk())).rejects.toThrow('no space left')
    expect(await readFile(path, 'utf8')).toBe('before')
    expect(await readdir(directory)).toEqual(['file'])
  })

  test('removes what a killed process of this host left, and nothing of a living one or of another host', async () => {
    const directory = await temporaryDirectory()
    const kept = [
      `.file.${HOST_ID}-${process.pid}-0123456789ab.partial`,
      '.file.aaaaaaaaaa-999999999-0123456789ab.partial',
      '.file.999999999-0.partial',
      '.file.other',
    ]
    for (const name of [...kept, `.file.${HOST_ID}-999999999-0123456789ab.partial`])
      await writeFile(join(directory, name), 'part')
    await writeFileAtomic(join(directory, 'file'), 'new')
    expect((await readdir(directory)).sort()).toEqual([...kept, 'file'].sort())
  })
})

describe('writeOutputFile', () => {
  test('replaces nothing without force, not even what appeared while it wrote', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'file')
    async function* parts() {
      yield Uint8Array.of(1)
      await writeFile(path, 'appeared meanwhile')
    }
    await expect(writeOutputFile(path, parts())).rejects.toMatchObject({ code: 'output-exists' })
    expect(await readFile(path, 'utf8')).toBe('appeared meanwhile')
    expect(await readdir(directory)).toEqual(['file'])
    await writeOutputFile(path, 'replaced', { force: true })
    expect(await readFile(path, 'utf8')).toBe('replaced')
  })

  test('makes the folders above', async () => {
    const path = join(await temporaryDirectory(), 'a/b/file')
    await writeOutputFile(path, 'text')
    expect(await readFile(path, 'utf8')).toBe('text')
  })

  test('does not replace a directory, a device or a part of a model, even with force', async () => {
    const directory = await temporaryDirectory()
    await mkdir(join(directory, 'folder'))
    await symlink('/dev/null', join(directory, 'device'))
    await mkdir(join(directory, 'model'))
    await writeFile(join(directory, 'model/.espalier'), '{"format":1,"madeBy":"espalier","kind":"model"}')
    await writeFile(join(directory, 'model/model.safetensors'), 'weights')
    for (const [name, code] of [
      ['folder', 'not-ours'],
      ['device', 'not-ours'],
      ['model/model.safetensors', 'inside-output'],
    ])
      await expect(writeOutputFile(join(directory, name), 'x', { force: true })).rejects.toMatchObject({ code })
    expect(await readFile(join(directory, 'model/model.safetensors'), 'utf8')).toBe('weights')
  })
})

test('sha256File', async () => {
  const path = join(await temporaryDirectory(), 'file')
  await writeFileAtomic(path, 'abc')
  // FIPS 180-2, appendix B.1
  expect(await sha256File(path)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('describeFileError names path and reason, and leaves other errors alone', async () => {
  const directory = await temporaryDirectory()
  const missing = await readFile(join(directory, 'none')).catch(error => error)
  expect(describeFileError(missing)).toBe(`${join(directory, 'none')}: there is no such file or directory`)
  expect(describeFileError(await readFile(directory).catch(error => error))).toContain('a directory')
  expect(describeFileError(new TypeError('a bug'))).toBeUndefined()
  expect(describeFileError(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeUndefined()
})
