import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { markDirectory } from '../../src/storage/atomic-directory.ts'
import { checkOutput } from '../../src/storage/outputs.ts'
import { temporaryDirectory } from '../support.ts'

test('checkOutput', async () => {
  const directory = await temporaryDirectory()
  const at = (name: string) => join(directory, name)
  await writeFile(at('file'), 'text')
  await symlink(at('file'), at('link'))
  await mkdir(at('folder'))
  await markDirectory(at('data'), 'data')
  await markDirectory(at('study'), 'study')
  const file = (name: string, more = {}) => checkOutput(at(name), { kind: 'file', option: '--output', ...more })
  const folder = (name: string, more = {}) => checkOutput(at(name), { kind: 'directory', ...more })
  const refused = (code: string, part = '') => ({ code, message: expect.stringContaining(part) })

  await file('new')
  await file('missing/folders/new')
  await file('study/model.espalier')
  await file('file', { force: true })
  await folder('data', { force: true })
  await expect(file('file')).rejects.toMatchObject(refused('output-exists', 'another --output'))
  await expect(file('folder', { force: true })).rejects.toMatchObject(refused('is-a-directory'))
  await expect(folder('file', { force: true })).rejects.toMatchObject(refused('not-ours', 'is a file'))
  await expect(file('file/below')).rejects.toMatchObject(refused('not-a-directory', 'file'))
  await expect(file('data/inside')).rejects.toMatchObject(refused('inside-output', 'data directory'))
  // One file by several names.
  await expect(file('link', { force: true, others: [at('file')] })).rejects.toMatchObject(refused('same-path'))
  await expect(file('folder/../new', { others: [undefined, at('new')] })).rejects.toMatchObject(refused('same-path'))
  await expect(folder('folder', { others: [at('folder/input.txt')] })).rejects.toMatchObject(
    refused('inside-output', 'input.txt'),
  )
})
