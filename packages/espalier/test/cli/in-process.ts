/** The command line in this process: quick, for what needs no process of its own. */
import { vi } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { Result } from './program.ts'

/** Runs a command; paths have to be absolute. */
export async function run(...words: string[]): Promise<Result> {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map(name =>
    vi.spyOn(process[name], 'write').mockImplementation((part: string | Uint8Array) => {
      written[name] += String(part)
      return true
    }),
  )
  try {
    const status = await main(words)
    return { status, ...written }
  } finally {
    process.exitCode = undefined
    for (const spy of spies) spy.mockRestore()
  }
}
