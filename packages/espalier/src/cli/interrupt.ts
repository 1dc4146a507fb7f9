/** Long work that a signal stops where it can go on later. */
import { Interrupted } from '../store/model-store.ts'
import { note } from './output.ts'
import { exitStatus, onFirstSignal, type Signal } from './signals.ts'

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
  let received: Signal = 'SIGINT'
  const done = onFirstSignal(signal => {
    received = signal
    note(`\n${onInterrupt}`)
    interrupt.abort()
  })
  try {
    const result = await work(interrupt.signal)
    if (!isInterrupted?.(result)) return result
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
  } finally {
    done()
  }
  note(`stopped; go on with:\n  ${again}`)
  process.exitCode = exitStatus(received)
  return undefined
}
