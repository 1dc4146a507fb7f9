/** Which machine this is, so that files on a shared disk tell whose process wrote them. */
import { createHash } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Names the set of processes that `process.kill(pid, 0)` can see: the host and, on Linux, the process namespace, for two
 * containers may share a host name and number their processes alike.
 */
export const HOST_ID = createHash('sha256').update(`${hostname()} ${processNamespace()}`).digest('hex').slice(0, 10)

export const HOST_NAME = hostname()

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/** Whether a process of this host runs. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Another user's process runs as well, though it may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
