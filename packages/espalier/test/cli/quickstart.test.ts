import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../support.ts'
import { bin, espalier } from './program.ts'

/** Starts a quickstart and interrupts it once its study has begun. @returns its exit status and standard error */
async function interrupted(words: readonly string[], cwd: string) {
  const child = spawn(process.execPath, [bin, ...words], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  let sent = false
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part
    if (!sent && /\d+\/\d+ dense/u.test(stderr)) sent = child.kill('SIGINT')
  })
  const status = await new Promise(resolve => child.on('close', resolve))
  return { status, stderr }
}

it('a quickstart that was interrupted goes on with the command that it prints', async () => {
  const cwd = await temporaryDirectory()
  const first = await interrupted(['quickstart', '--out', 'a b', '--seed', '2'], cwd)
  expect(first.status).toBe(130)
  expect(first.stderr).toMatch(/go on with:\n {2}(npx )?espalier quickstart --out 'a b' --seed 2\n/u)
  const second = await interrupted(['quickstart', '--out', 'a b', '--seed', '2'], cwd)
  expect(second.stderr).toMatch(/^going on in a b\n/u)
  expect(second.stderr).not.toContain('Writing the phrasebook')
  expect(second.status).toBe(130)
  const other = await espalier(['quickstart', '--out', 'a b'], { cwd })
  expect(other.stderr).toMatch(/was begun with --seed 2, not 1/u)
  expect(other.status).toBe(2)
})
