/** What a signal does to each command, and to files that are being written. Linux alone tells when a process handles signals. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trainNew } from '../../src/pipeline/train.ts'
import { temporaryDirectory, toyConfiguration, toyData, toyPairs } from '../support.ts'
import { bin } from './program.ts'

/** Node itself takes SIGINT and SIGTERM over to give the terminal back; SIGHUP only this program does. */
const SIGHUP_CAUGHT = 1n << 0n

/** Waits until a process has taken over the signals. */
async function handlesSignals({ pid }: ChildProcess): Promise<void> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const caught = /^SigCgt:\s*([0-9a-f]+)/mu.exec(status)?.[1] ?? '0'
    if (BigInt(`0x${caught}`) & SIGHUP_CAUGHT) return
    await setTimeout(5)
  }
}

/** Everything below a directory, hidden files included. */
const all = async (directory: string) => (await readdir(directory, { recursive: true })).sort()

async function waitFor(directory: string, name: RegExp): Promise<void> {
  while (!(await all(directory)).some(entry => name.test(entry))) await setTimeout(5)
}

/** Ends a process with a signal at a moment. @returns its exit status and standard error */
async function endedBy(signal: NodeJS.Signals, child: ChildProcess, moment: () => Promise<unknown>) {
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    stderr += part
  })
  const closed = new Promise<number | null>(resolve => child.on('close', resolve))
  await handlesSignals(child)
  await Promise.race([moment(), closed])
  child.kill(signal)
  return { status: await closed, stderr }
}

describe.skipIf(process.platform !== 'linux')('a signal', { timeout: 60_000 }, () => {
  let cwd: string
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'espalier-'))
    const data = await toyData(cwd, 40)
    const configuration = toyConfiguration({ training: { epochs: 1 } })
    await trainNew(data, { configuration, out: join(cwd, 'model'), threads: 1 })
    const pairs = toyPairs(20_000, 3)
    await writeFile(join(cwd, 'large'), pairs.map(({ source }) => `${source}\n`).join(''))
    await writeFile(join(cwd, 'reference'), pairs.map(({ target }) => `${target}\n`).join(''))
    await mkdir(join(cwd, 'temporary'))
  })
  afterAll(() => rm(cwd, { recursive: true, force: true }))

  const atOnce = async () => {}
  const onceThereIs = (name: RegExp) => () => waitFor(cwd, name)
  const valid = ['--valid-source', 'valid.source', '--valid-target', 'valid.target']

  it.each([
    {
      command: ['prepare', '--source', 'large', '--target', 'reference', ...valid, '--out', 'folder/prepared'],
      moment: onceThereIs(/^folder\/\.prepared\..*\.partial\/./u),
    },
    { command: ['translate', 'model', '--output', 'translated'], moment: onceThereIs(/^\.translated\..*\.partial$/u) },
    {
      command: ['translate', 'model', 'large', '--output', 'translated', '--threads', '1'],
      moment: () => setTimeout(1500),
    },
    { command: ['score', 'large', 'reference'], moment: () => setTimeout(1500) },
    {
      command: ['pack', 'model', '--evaluate', 'data', '--out', 'model.espalier'],
      moment: onceThereIs(/^temporary\/espalier-/u),
    },
    { command: ['prune', 'model', '--fraction', '0.5', '--out', 'pruned'], moment: atOnce },
    { command: ['sensitivity', 'model', 'data', '--threads', '1'], moment: atOnce },
    { command: ['evaluate', 'model', '--source', 'large', '--reference', 'reference'], moment: () => setTimeout(1500) },
  ])('ends $command.0 at once, with a sentence and nothing left', async ({ command, moment }) => {
    const before = await all(cwd)
    for (const [signal, expected, word] of [
      ['SIGINT', 130, 'interrupted'],
      ['SIGTERM', 143, 'terminated'],
    ] as const) {
      const env = { ...process.env, TMPDIR: join(cwd, 'temporary') }
      const child = spawn(process.execPath, [bin, ...command], { cwd, env, stdio: ['pipe', 'ignore', 'pipe'] })
      const { status, stderr } = await endedBy(signal, child, moment)
      expect({ status, stderr }).toEqual({
        status: expected,
        stderr: `espalier: ${word}; no unfinished file is left behind\n`,
      })
      expect(await all(cwd)).toEqual(before)
    }
  })

  const dist = new URL('../../dist/', import.meta.url).href
  /** A process that handles signals as the command line does. */
  const script = (code: string) =>
    spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { writeFile } from 'node:fs/promises'
import { handleSignals } from '${dist}cli/signals.js'
import { createDirectoryAtomic } from '${dist}storage/atomic-directory.js'
import { writeOutputFile } from '${dist}storage/atomic-files.js'
import { withLock } from '${dist}storage/lock.js'
const forever = new Promise(resolve => setTimeout(resolve, 60_000))
handleSignals()
${code}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )

  it('removes directories that are being filled, with the parents made for them, and files that are being written', async () => {
    const directory = await temporaryDirectory()
    const child = script(`
      createDirectoryAtomic('${directory}/a/b/model', { kind: 'model' }, async partial => {
        await writeFile(partial + '/half', 'half')
        await forever
      })
      async function* parts() { yield Buffer.from('half'); await forever }
      writeOutputFile('${directory}/text', parts())`)
    const { status } = await endedBy('SIGINT', child, async () => {
      await waitFor(directory, /half$/u)
      await waitFor(directory, /^\.text\..*\.partial$/u)
    })
    expect(status).toBe(130)
    expect(await all(directory)).toEqual([])
  })

  it('releases locks', async () => {
    const directory = await temporaryDirectory()
    const child = script(`withLock('${directory}/model', () => forever)`)
    const { status } = await endedBy('SIGTERM', child, () => waitFor(directory, /\.lock$/u))
    expect(status).toBe(143)
    expect(await all(directory)).toEqual([])
  })
})
