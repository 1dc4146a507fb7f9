/** The command line. Exit status: 0 done, 1 failed at work, 2 wrong usage or input, 130 interrupted, 143 terminated. */
import { CommanderError } from 'commander'
import { note } from './output.ts'
import { createProgram } from './program.ts'

/** Runs the command line. @param words without the program's name @returns the exit status */
export async function main(words: readonly string[]): Promise<number> {
  process.exitCode = undefined
  try {
    await createProgram().parseAsync([...words], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const { describeError } = await import('./errors.ts')
    const { message, status } = describeError(error, { debug: words.includes('--debug') })
    note(`espalier: ${message}`)
    return status
  }
}
