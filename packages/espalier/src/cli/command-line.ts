/** Commands that are printed for people to paste: quoted so that a shell reads them as they are meant. */
import type { Command } from 'commander'

/** How the program was called: npx says so in this variable. */
const programName = () => (process.env.npm_command === 'exec' ? 'npx espalier' : 'espalier')

/** A word as a POSIX shell reads it. */
export const shellQuote = (word: string) =>
  /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** A command of this program, to paste. */
export const commandLine = (...words: readonly string[]) => [programName(), ...words.map(shellQuote)].join(' ')

/** The command that is running, to paste once more. @param without options that were needed the first time only */
export function sameCommand(command: Command, without: readonly string[] = []): string {
  const words = command.parent?.args ?? []
  return commandLine(...words.filter(word => !without.includes(word)))
}
