/**
 * What has to be put right if a signal ends the process in the middle of work: files that are not finished are removed, what
 * was moved aside is moved back, locks are released. Errors need none of this: they pass through `finally`.
 */
import { rmSync } from 'node:fs'

/** In the order of registration. */
const cleanups = new Set<() => void>()

/**
 * Registers what to do at an abrupt end; it has to be synchronous.
 * @returns a function that withdraws it, to be called when the work is done or has failed
 */
export function onAbruptEnd(cleanup: () => void): () => void {
  // Functions may be registered twice, so each gets an identity of its own.
  const entry = () => cleanup()
  cleanups.add(entry)
  return () => void cleanups.delete(entry)
}

/** Registers a file or directory that is being written, to be removed at an abrupt end. @returns as {@link onAbruptEnd} */
export function removeAtAbruptEnd(path: string): () => void {
  // A write that is under way in another thread may add a file while the directory is being removed.
  return onAbruptEnd(() => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }))
}

/** Does what is registered, the latest first. What fails is left: the next run recognises it as abandoned. */
export function cleanUp(): void {
  for (const cleanup of [...cleanups].reverse()) {
    cleanups.delete(cleanup)
    try {
      cleanup()
    } catch {}
  }
}
