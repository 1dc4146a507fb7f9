/** The command line as a process. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The built program. */
export const bin = fileURLToPath(new URL('../../bin/espalier.js', import.meta.url))

/** What a command printed, and its exit status. */
export interface Result {
  status: number
  stdout: string
  stderr: string
}
/** Runs the built command line. */
export function espalier(words: string[], options: { cwd?: string; input?: string } = {}): Promise<Result> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, [bin, ...words], { cwd: options.cwd }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
    child.stdin?.end(options.input ?? '')
  })
}
