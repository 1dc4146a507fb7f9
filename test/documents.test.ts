/**
 * Runs the code blocks of the documents as they stand, and the examples. The blocks of one document follow each other in
 * one directory, which has what the documents take for granted: text files, prepared data, a model, a packed one.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { phrasebookSplits } from '@espalier/phrasebook'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { writeSafetensors } from '../packages/espalier/src/checkpoint/safetensors.ts'
import { type CodeBlock, codeBlocks, documents, espalierCommands, repository } from './code-blocks.ts'

const BIN = join(repository, 'packages/espalier/bin/espalier.js')
const SMALLER = '--preset tiny --set model.hidden=8 --set model.layers=1 --set training.epochs=1'

/** What takes minutes is made small; everything else is run as it stands. */
const SUBSTITUTIONS: readonly (readonly [found: RegExp, instead: string])[] = [
  [/--preset small/gu, SMALLER],
  [/--pairs \d+/gu, '--pairs 200'],
  [/--steps 0\.4,0\.6,0\.8,0\.9/gu, '--steps 0.4,0.8'],
  [/compress model data --fraction 0\.9/gu, 'compress model data --fraction 0.9 --set schedule.retraining.epochs=2'],
  // A study of its own: its test sets are others than those of the one before.
  [
    /--out study --set 'study\.seeds=\[1, 2, 3\]' --test 2016=\S+ --test 2017=\S+/gu,
    "--out seeds --set 'study.seeds=[1, 2]' --test 2016=test.en,test.de --test 2017=valid.en,valid.de",
  ],
  [
    /espalier study data(?! --preset)/gu,
    `espalier study data ${SMALLER} --set study.levels=[0.5] --set study.retrained=[0.5] --set study.scratch=[] --set 'study.sensitivity={levels: [0.5]}'`,
  ],
]

/** Documents whose blocks make data and model themselves. */
const MAKE_THEIR_OWN = ['README.md', 'packages/espalier/README.md']

const PROLOGUE = `set -euo pipefail
espalier() { ${process.execPath} ${BIN} "$@"; }
npx() { "$@"; }
`

let base: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'espalier-documents-'))
  await mkdir(join(base, 'given'))
  await symlink(join(repository, 'node_modules'), join(base, 'node_modules'))
  await writeFile(join(base, 'package.json'), '{ "type": "module" }')
  await writeTexts(join(base, 'given'))
  await run('bash', ['-c', `${PROLOGUE}${GIVEN}`], join(base, 'given'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

const GIVEN = `
espalier prepare --source train.en --target train.de --valid-source valid.en --valid-target valid.de --out data
espalier train data ${SMALLER} --out model
espalier pack model --out model.espalier
`

async function writeTexts(directory: string): Promise<void> {
  const splits = phrasebookSplits({ pairs: 150, seed: 1, valid: 30, test: 20 })
  for (const [name, pairs] of Object.entries({ ...splits, news: splits.test })) {
    const text = (lines: string[]) => `${lines.join('\n')}\n`
    await writeFile(join(directory, `${name}.en`), text(pairs.map(({ source }: { source: string }) => source)))
    if (name !== 'news')
      await writeFile(join(directory, `${name}.de`), text(pairs.map(({ target }: { target: string }) => target)))
  }
  const names = [
    'encoder.embedding.weight',
    'encoder.rnn.weight_ih_l0',
    'encoder.rnn.weight_hh_l0',
    'encoder.rnn.weight_ih_l1',
  ]
  const theirs = names.map(
    name => [name, { dtype: 'F32', shape: [8, 8], data: new Float32Array(64).map((_, i) => i + 1) }] as const,
  )
  await writeSafetensors(join(directory, 'theirs.safetensors'), new Map(theirs))
  const classes = codeBlocks('docs/pruning.md').find(({ language }) => language === 'yaml')
  await writeFile(join(directory, 'classes.yaml'), classes?.text ?? '')
}

/** Runs a program to its end. @returns what it printed; an error has it, too */
function run(program: string, words: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, words, { cwd, timeout: 280_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stdout}${stderr}`))
      else resolve(stdout)
    })
  })
}

/** What it means to run a block, by its language. `// name.js` or `# name.yaml` at its beginning names a file to write. */
async function runBlock({ language, text }: CodeBlock, directory: string): Promise<void> {
  const file = /^(?:\/\/|#) ([\w-]+\.(?:js|ts|yaml))/u.exec(text)?.[1]
  if (file) await writeFile(join(directory, file), text)
  if (language === 'json') JSON.parse(text)
  else if (language === 'yaml') expect(parse(text)).toBeTypeOf('object')
  else if (language === 'js' && !file) {
    const name = join(directory, `block-${(await readdir(directory)).length}.js`)
    await writeFile(name, text)
    await run(process.execPath, [name], directory)
  } else if (language === 'sh') {
    const commands = SUBSTITUTIONS.reduce((commands, [found, instead]) => commands.replace(found, instead), text)
    await run('bash', ['-c', PROLOGUE + commands], directory)
  } else if (!file)
    throw new Error(`nobody knows how to run a block of ${language}; say <!-- not run: why --> before it`)
}

/** A block without a language is no code. */
const runnableBlocks = (path: string) =>
  codeBlocks(path).filter(({ language, notRun }) => language !== '' && notRun === undefined)

// On a machine that does other things, too, the longest takes minutes.
describe.concurrent('the code blocks of', { timeout: 300_000 }, () => {
  it.each(documents().filter(path => runnableBlocks(path).length > 0))('%s work', async path => {
    const directory = join(base, path.replaceAll('/', '-'))
    await cp(join(base, 'given'), directory, { recursive: true, preserveTimestamps: true })
    if (MAKE_THEIR_OWN.includes(path))
      for (const name of ['data', 'model']) await rm(join(directory, name), { recursive: true })
    for (const block of runnableBlocks(path)) {
      await runBlock(block, directory).catch(error => {
        throw new Error(`${block.place}: ${error.message}`, { cause: error })
      })
    }
  })
})

it('blocks that are not run say why', () => {
  for (const block of documents().flatMap(codeBlocks))
    if (block.notRun !== undefined) expect(block.notRun.split(' ').length, block.place).toBeGreaterThan(2)
})

it('commands that documents name take the options that they give them', async () => {
  const helps = new Map<string, Promise<string>>()
  const help = (command: string) => {
    const text = helps.get(command) ?? run(process.execPath, [BIN, command, '--help'], base)
    helps.set(command, text)
    return text
  }
  for (const { place, command } of documents().flatMap(espalierCommands)) {
    const [name, ...words] = command.split(/\s+/u)
    const known = await help(name).catch(error => {
      throw new Error(`${place}: espalier ${command}\n${error.message}`)
    })
    for (const option of words.filter(word => word.startsWith('--')))
      expect(known, `${place}: espalier ${command}`).toContain(option.replace(/=.*/u, ''))
  }
})

describe('examples', async () => {
  const packages = await readdir(join(repository, 'packages'))
  for (const name of packages) {
    const directory = join(repository, 'packages', name, 'examples')
    const files = await readdir(directory).catch(() => [])
    it.each(files.filter(file => file.endsWith('.js')))(`${name}/%s`, async file => {
      expect(await run(process.execPath, [join(directory, file)], base)).not.toBe('')
    })
  }
})
