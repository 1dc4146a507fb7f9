/**
 * Signals that ask the program to end, all in this place. Work that can stop where it can go on later is asked to do so by the
 * first signal. Everything else, and that work at a second signal, ends at once, and leaves no unfinished file behind.
 */
import { constants } from 'node:os'
import { cleanUp } from '../storage/cleanup.ts'
import { note } from './output.ts'

const SIGNALS = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'the terminal was closed' } as const
export type Signal = keyof typeof SIGNALS

/** The exit status of a program that a signal ended, as shells report it: 130 for SIGINT, 143 for SIGTERM. */
export const exitStatus = (signal: Signal) => 128 + constants.signals[signal]

/** Asks the work in progress to stop; undefined where there is none that can. */
let askToStop: ((signal: Signal) => void) | undefined

/** Takes over the signals of this process. */
export function handleSignals(): void {
  for (const signal of Object.keys(SIGNALS) as Signal[])
    process.on(signal, () => {
      const ask = askToStop
      askToStop = undefined
      if (ask) ask(signal)
      else endAtOnce(signal)
    })
}

function endAtOnce(signal: Signal): void {
  cleanUp()
  note(`espalier: ${SIGNALS[signal]}; no unfinished file is left behind`)
  process.exit(exitStatus(signal))
}

/**
 * While work that can stop goes on, has the first signal ask it to.
 * @returns a function that ends this
 */
export function onFirstSignal(ask: (signal: Signal) => void): () => void {
  askToStop = ask
  return () => {
    askToStop = undefined
  }
}
