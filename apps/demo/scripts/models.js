/** Makes the page's models with the command line, step by step. What is made is not made again. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LIST } from './describe.js'
import { DemoError } from './error.js'
import { PACKED, STEPS, TEXT } from './recipe.js'

const CLI = fileURLToPath(new URL('../../../packages/espalier/bin/espalier.js', import.meta.url))
const seconds = (/** @type {number} */ since) => `${((performance.now() - since) / 1000).toFixed(0)} s`

/**
 * Makes what is missing of `models`.
 * @param {{ models: string, training: string }} folders of the packed files; of all that is made on the way
 * @param {(line: string) => void} say
 */
export async function makeModels({ models, training }, say) {
  const began = performance.now()
  const at = (/** @type {string[]} */ ...names) => join(training, ...names)
  const jobs = [
    ...textJobs(at),
    ...STEPS.map(step => ({ what: `train ${step.name}`, made: at(step.name), work: () => train(step, at) })),
    ...PACKED.map(packed => {
      const out = join(models, `${packed.from}.espalier`)
      const flags = ['pack', at(packed.from), '--values', packed.values, '--out', out]
      return { what: `pack ${packed.from}`, made: out, work: () => espalier(flags, 'quiet') }
    }),
    {
      what: 'BLEU on the test text',
      made: (await isNewest(join(models, LIST), models)) ? join(models, LIST) : '',
      work: async () => writeFile(join(models, LIST), `${JSON.stringify(await listModels(models, at), null, 2)}\n`),
    },
  ]
  await mkdir(training, { recursive: true })
  await mkdir(models, { recursive: true })
  for (const [i, { what, made, work }] of jobs.entries()) {
    const place = `[${i + 1}/${jobs.length}] ${what}`
    if (existsSync(made)) {
      say(`${place}: is there`)
      continue
    }
    say(`${place} …`)
    const start = performance.now()
    await work()
    say(`${place}: ${seconds(start)}`)
  }
  say(`models are in ${models}, ${seconds(began)} in all`)
}

/** Whether a file is there, and newer than the recipe and every packed file beside it. @param {string} path @param {string} folder */
async function isNewest(path, folder) {
  const time = async (/** @type {string} */ file) => (await stat(file).catch(() => undefined))?.mtimeMs
  const own = await time(path)
  if (own === undefined) return false
  const recipe = fileURLToPath(new URL('recipe.js', import.meta.url))
  const packed = await Promise.all([recipe, ...PACKED.map(({ from }) => join(folder, `${from}.espalier`))].map(time))
  return packed.every(other => other !== undefined && other <= own)
}

/** @param {(...names: string[]) => string} at */
function textJobs(at) {
  const file = (/** @type {string} */ name) => at('text', name)
  return [
    {
      what: 'write the phrasebook',
      made: at('text'),
      work: () => {
        const { pairs, seed } = TEXT.phrasebook
        const which = ['--pairs', String(pairs), '--seed', String(seed)]
        return espalier(['phrasebook', '--out', at('text'), ...which], 'quiet')
      },
    },
    {
      what: 'prepare it',
      made: at('data'),
      work: () =>
        espalier(
          [
            ...['prepare', '--source', file('train.en'), '--target', file('train.de')],
            ...['--valid-source', file('valid.en'), '--valid-target', file('valid.de'), '--out', at('data')],
          ],
          'quiet',
        ),
    },
  ]
}

/**
 * Trains in a directory of another name, which gets its own when training is over.
 * @param {import('./recipe.js').Step} step @param {(...names: string[]) => string} at
 */
async function train({ name, from, settings }, at) {
  const unfinished = at(`${name}.unfinished`)
  const resume = existsSync(join(unfinished, 'last.safetensors'))
  if (!resume) await rm(unfinished, { recursive: true, force: true })
  const start = from === undefined ? ['train', at('data'), '--preset', 'tiny'] : ['retrain', at(from), at('data')]
  await espalier([
    ...start,
    ...['--out', unfinished],
    ...(resume ? ['--resume'] : settings.flatMap(setting => ['--set', setting])),
  ])
  await rename(unfinished, at(name))
}

/** What the page is told of each file beside what is in it. @param {string} models @param {(...names: string[]) => string} at */
async function listModels(models, at) {
  const list = []
  for (const { label, from } of PACKED) {
    const file = `${from}.espalier`
    const test = ['--source', at('text', 'test.en'), '--reference', at('text', 'test.de'), '--json']
    const { scores } = JSON.parse(await espalier(['evaluate', join(models, file), ...test], 'quiet'))
    list.push({ label, file, bleu: scores.bleu.score })
  }
  return { ...TEXT, models: list }
}

/**
 * Runs the command line. @returns what it prints
 * @param {readonly string[]} words @param {'quiet' | 'shown'} progress whether what it tells as it works is shown
 */
async function espalier(words, progress = 'shown') {
  const child = spawn(process.execPath, [CLI, ...words], {
    stdio: ['ignore', 'pipe', progress === 'shown' ? 'inherit' : 'pipe'],
  })
  let [output, told] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', text => {
    output += text
  })
  child.stderr?.setEncoding('utf8').on('data', text => {
    told = (told + text).slice(-4000)
  })
  // Whoever interrupts us interrupts it: training leaves a checkpoint and is waited for.
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (status === 0) return output
  throw new DemoError(
    `espalier ${words.join(' ')}\nended with status ${status}${progress === 'quiet' ? `:\n${told.trim()}` : ''}\n` +
      'The same command goes on where this stopped.',
  )
}
