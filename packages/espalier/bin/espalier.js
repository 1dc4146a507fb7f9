#!/usr/bin/env node
/** Starts the command line. In a checkout of the repository that is not built yet, builds it first. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const program = new URL('../dist/cli/run.js', import.meta.url)
if (!existsSync(program)) {
  const repository = fileURLToPath(new URL('../../..', import.meta.url))
  process.stderr.write(`espalier: ${repository} is not built yet; building it (npm run build).\n`)
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: repository,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(1)
}
try {
  const { run } = await import(program.href)
  await run()
} catch (error) {
  // Even a module cannot be loaded then.
  const { code } = /** @type {NodeJS.ErrnoException} */ (error)
  if (code !== 'EMFILE' && code !== 'ENFILE') throw error
  process.stderr.write('espalier: too many files are open; raise the limit (ulimit -n)\n')
  process.exitCode = 1
}
