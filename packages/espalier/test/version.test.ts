import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { VERSION } from '../src/version.ts'

it('is the version of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  expect(VERSION).toBe(version)
})
