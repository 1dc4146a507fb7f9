/** The packages as npm would publish them: packed, checked, installed in an empty project and used. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compile, installPackages, packPackages, repository, run, runPipeline } from '../scripts/packages.js'

const PROGRAM = `
import { Random } from '@espalier/engine/random'
import { add, constant, type Tensor } from '@espalier/engine'
import { generatePhrasebook, type PhrasebookPair } from '@espalier/phrasebook'
import { Translator, UserError } from '@espalier/runtime'
import { bleu, Mask, readModel } from 'espalier'

const pairs: PhrasebookPair[] = [...generatePhrasebook({ pairs: 3, seed: new Random(1, 2).integer(9) })]
const sum: Tensor = add(constant(1), constant(2))
export const all = { pairs, sum, Translator, UserError, bleu, Mask, readModel }
`

let directory: string
let tarballs: string[]
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'espalier-packages-'))
  tarballs = await packPackages(join(directory, 'tarballs'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

it('are complete, and their types are found', async () => {
  expect(tarballs).toHaveLength(4)
  const bin = join(repository, 'node_modules/.bin')
  for (const tarball of tarballs) {
    await run(join(bin, 'publint'), ['run', tarball, '--strict'], { cwd: directory })
    await run(join(bin, 'attw'), [tarball, '--profile', 'esm-only', '--no-color'], { cwd: directory })
    const files = await run('tar', ['-tzf', tarball], { cwd: directory })
    for (const name of ['LICENSE', 'README.md', 'package.json']) expect(files, tarball).toContain(`package/${name}\n`)
  }
})

it('install in an empty project without a warning, and run the pipeline', async () => {
  const project = join(directory, 'project')
  await installPackages(project, tarballs)
  await compile(project, PROGRAM)
  expect((await runPipeline(project)).split('\n')).toHaveLength(501)
})
