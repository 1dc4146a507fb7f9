/** Stopping long work where it can go on: the first SIGINT or SIGTERM stops it at a checkpoint, a second one at once. */
import { Interrupted } from '../store/model-store.ts'
import { note } from './output.ts'

/** As shells report a program that SIGINT ended. */
export const INTERRUPTED = 130

/** What work throws, or returns, where its signal stopped it. */
export interface Interruptible<T> {
  /** Said at the first signal. */
  readonly onInterrupt: string
  /** The command that goes on. */
  readonly again: string
  work(signal: AbortSignal): Promise<T>
  /** Whether a result is that of work that was stopped. */
  isInterrupted?(result: T): boolean
}

/** @returns the result; undefined, with the exit status set, where the work was stopped */
export async function interruptible<T>({
  onInterrupt,
  again,
  work,
  isInterrupted,
}: Interruptible<T>): Promise<T | undefined> {
  const interrupt = new AbortController()
  const onSignal = () => {
    note(`\n${onInterrupt}`)
    interrupt.abort()
  }
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    const result = await work(interrupt.signal)
    if (!isInterrupted?.(result)) return result
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
  note(`stopped; go on with:\n  ${again}`)
  process.exitCode = INTERRUPTED
  return undefined
}
