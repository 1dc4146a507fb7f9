import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createDirectoryAtomic } from '../../src/storage/atomic-directory.ts'
import { HOST_ID } from '../../src/storage/host.ts'
import { isPartial, removeAbandoned } from '../../src/storage/partial-files.ts'
import { temporaryDirectory } from '../support.ts'

/** Numbers of processes end far below. */
const ENDED = 2 ** 30
const name = (ending: string, pid = ENDED, host = HOST_ID) => `.model.${host}-${pid}-0123456789ab.${ending}`

it('what killed processes left goes, what others are writing stays', async () => {
  const directory = await temporaryDirectory()
  const stay = [name('partial', process.pid), name('partial', ENDED, '0123456789'), 'model', '.model.notes']
  for (const file of [name('partial'), ...stay]) await writeFile(join(directory, file), '')
  await removeAbandoned(join(directory, 'model'))
  expect((await readdir(directory)).sort()).toEqual(stay.sort())
})

it('a directory that a killed process had moved away comes back, unless it was replaced', async () => {
  const directory = await temporaryDirectory()
  const out = join(directory, 'model')
  const leave = async () => {
    await mkdir(join(directory, name('replaced')))
    await writeFile(join(directory, name('replaced'), 'weights'), 'old')
  }
  await leave()
  expect(isPartial(name('replaced'))).toBe(true)
  const create = createDirectoryAtomic(out, { kind: 'model' }, async () => {})
  await expect(create).rejects.toMatchObject({ code: 'output-exists' })
  expect(await readdir(directory)).toEqual(['model'])
  expect(await readFile(join(out, 'weights'), 'utf8')).toBe('old')
  await leave()
  await removeAbandoned(out)
  expect(await readdir(directory)).toEqual(['model'])
})
