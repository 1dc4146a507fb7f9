/** The command line as a process: what `bin/espalier.js` calls. */
import { main } from './main.ts'
import { handleSignals } from './signals.ts'

/** As a shell reports a program that SIGPIPE ended. */
const CLOSED_PIPE = 141

/** Runs the command line with this process's arguments and sets its exit status. */
export async function run(): Promise<void> {
  guardStandardOutput()
  handleSignals()
  process.on('uncaughtException', error => void fail(error))
  process.exitCode = await main(process.argv.slice(2))
}

/**
 * A reader that goes away early, as `| head` does, ends the program quietly; a full disk does with a sentence. What cannot be
 * shown on standard error is not shown, and work goes on.
 */
function guardStandardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(CLOSED_PIPE)
    const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message
    process.stderr.write(`espalier: standard output cannot be written: ${why}\n`, () => process.exit(1))
  })
  process.stderr.on('error', () => {})
}

/** An error that no one awaited: told as every other. */
async function fail(error: unknown): Promise<void> {
  const { describeError } = await import('./errors.ts')
  const { message, status } = describeError(error, { debug: process.argv.includes('--debug') })
  process.stderr.write(`espalier: ${message}\n`, () => process.exit(status))
}
