/** Commands that a program prints as advice are run as they are printed. */
import { execFile, spawn } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { printNextSteps } from '../../src/cli/next-steps.ts'
import { hintAtTerminal } from '../../src/cli/output.ts'
import { trainNew } from '../../src/pipeline/train.ts'
import { packedFile, randomModel } from '../packing/random-model.ts'
import { temporaryDirectory, toyConfiguration, toyData } from '../support.ts'
import { bin, type Result } from './program.ts'

/** Runs a line of shell as a user would paste it. */
function paste(line: string, cwd: string): Promise<Result> {
  const script = `set -euo pipefail
espalier() { '${process.execPath}' '${bin}' "$@"; }
npx() { "$@"; }
${line}`
  return new Promise(resolve => {
    execFile('bash', ['-c', script], { cwd }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
}

/** Commands that stand indented on lines of their own. */
const commands = (text: string) => Array.from(text.matchAll(/^ {2}(\S.*)$/gmu), ([, command]) => command)

/** Runs the program until a training has a checkpoint, and interrupts it. @returns what it advises */
async function interrupted(words: readonly string[], cwd: string): Promise<string> {
  const child = spawn(process.execPath, [bin, ...words], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part
  })
  const closed = new Promise(resolve => child.on('close', resolve))
  const before = new Set(await readdir(cwd, { recursive: true }))
  const begun = async () =>
    (await readdir(cwd, { recursive: true })).some(name => name.endsWith('/last.safetensors') && !before.has(name))
  while (child.exitCode === null && !(await begun())) await setTimeout(5)
  child.kill('SIGINT')
  expect(await closed, stderr).toBe(130)
  const found = commands(stderr.slice(stderr.indexOf('go on with:')))
  expect(found, stderr).toHaveLength(1)
  return found[0]
}

it('trainings, schedules and studies go on with what they print', { timeout: 120_000 }, async () => {
  const cwd = await temporaryDirectory()
  const data = await toyData(cwd, 400)
  const configuration = toyConfiguration({ training: { epochs: 1, checkpointEvery: 5 } })
  await trainNew(data, { configuration, out: join(cwd, 'my model'), threads: 1 })
  const slow = ['--set', 'training.epochs=2', '--set', 'training.batchSize=4', '--set', 'training.checkpointEvery=5']
  const small = ['--set', 'model.hidden=8', '--set', 'model.layers=1', ...slow]
  const study = ['levels=[0.5]', 'schemes=[class-blind]', 'retrained=[]', 'scratch=[]', 'sensitivity={levels: [0.5]}']
  for (const words of [
    ['train', 'data', '--preset', 'tiny', '--out', 'a model', ...small],
    ['retrain', 'my model', 'data', '--out', 'a retrained model', ...slow],
    [
      ...['compress', 'my model', 'data', '--steps', '0.5', '--out', 'some models'],
      ...['--set', 'schedule.retraining={epochs: 10}'],
    ],
    ['study', 'data', '--out', 'a study', ...small, ...study.flatMap(setting => ['--set', `study.${setting}`])],
  ]) {
    const advice = await interrupted(words, cwd)
    expect(await paste(advice, cwd), advice).toMatchObject({ status: 0 })
  }
})

it('what a quickstart proposes at its end works', async () => {
  const { directory, model } = await randomModel({ hidden: 16 }, '1x1')
  const study = join(directory, "first day's study")
  await mkdir(study)
  const packed = await packedFile(model, 'int8', study)
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation(text => lines.push(String(text)) > 0)
  await printNextSteps({
    report: join(study, 'report.html'),
    packed: { path: packed, bytes: (await stat(packed)).size },
    example: "one two, isn't it?",
    dense: model,
    shown: { name: 'retrained-80', directory: model },
  }).finally(() => vi.restoreAllMocks())
  const [translate, pack, demo, ...others] = commands(lines.join(''))
  expect(others).toEqual([])
  const translated = await paste(translate, directory)
  expect(translated).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^[^\n]*\n$/u) })
  expect(await paste(pack, directory)).toMatchObject({ status: 0, stderr: '' })
  expect(await readdir(study)).toContain('retrained-80-f32.espalier')
  const { scripts } = JSON.parse(await readFile(new URL('../../../../package.json', import.meta.url), 'utf8'))
  expect(scripts).toHaveProperty(demo.replace('npm run ', ''))
})

it('what replaces an output that is there is the option that the message names', async () => {
  const cwd = await temporaryDirectory()
  await writeFile(join(cwd, 'text'), 'one two\n')
  const { model } = await randomModel({})
  const command = `espalier translate '${model}' text --output translated --threads 1`
  expect(await paste(command, cwd)).toMatchObject({ status: 0 })
  const { status, stderr } = await paste(command, cwd)
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'espalier: translated exists already; choose another --output, or replace it with --force\n',
  })
  expect(await paste(`${command} --force`, cwd)).toMatchObject({ status: 0 })
})

it('at a terminal a command that waits for text says so', () => {
  const lines: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation(text => lines.push(String(text)) > 0)
  const { isTTY } = process.stdin
  try {
    process.stdin.isTTY = true
    hintAtTerminal(false)
    expect(lines).toEqual([])
    hintAtTerminal(true)
    expect(lines).toEqual(['Type a line of text and press Enter; Ctrl-D ends.\n'])
    process.stdin.isTTY = false
    hintAtTerminal(true)
    expect(lines).toHaveLength(1)
  } finally {
    process.stdin.isTTY = isTTY
    vi.restoreAllMocks()
  }
})
