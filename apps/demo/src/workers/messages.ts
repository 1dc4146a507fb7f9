/** Calls to a worker of the page, and what it tells without being asked: one small protocol for all of them. */

/** What a worker can be asked for, by name. */
export type Calls = Readonly<Record<string, { readonly argument: unknown; readonly answer: unknown }>>

export interface Request {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

/** An error as it crosses to another thread. */
export interface Failure {
  readonly message: string
  readonly code?: string
}

export type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'event'; readonly event: unknown }

/** An error with the code that it had where it was thrown. */
export class WorkerFailure extends Error {
  readonly code?: string

  constructor({ message, code }: Failure) {
    super(message)
    this.code = code
  }
}

/** Why a call has no answer: its worker was ended. */
export class WorkerEnded extends Error {
  constructor() {
    super('the worker was ended')
  }
}

export function failureOf(error: unknown): Failure {
  const { message, code } = error as Failure
  return { message: message === undefined ? String(error) : message, ...(typeof code === 'string' && { code }) }
}
