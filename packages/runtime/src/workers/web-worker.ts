/** Web workers for `startTranslator`, with the reason where one cannot be started. */
import { UserError } from '../errors.ts'
import type { WorkerLike } from './protocol.ts'

const REMEDY = 'use Translator.load or openTranslationService, which work without workers'

/** @throws UserError `worker` where there are no workers */
export function createWebWorker(): WorkerLike {
  if (typeof Worker === 'undefined')
    throw new UserError('worker', `this engine has no web workers: give createWorker, or ${REMEDY}`)
  const violation = watchPolicy()
  const worker = startWorker()
  const port: WorkerLike = {
    postMessage: (message, transfer = []) => worker.postMessage(message, transfer),
    onmessage: null,
    onerror: null,
    terminate: () => worker.terminate(),
  }
  worker.onmessage = event => {
    violation.stop()
    port.onmessage?.(event)
  }
  worker.onmessageerror = () => port.onerror?.({ message: 'what it sent could not be read' })
  worker.onerror = async event => {
    event.preventDefault()
    // Engines report that a worker did not start before they report the policy that forbids it.
    await new Promise(resolve => setTimeout(resolve, 20))
    const { directive } = violation
    violation.stop()
    port.onerror?.({ message: event.message || reason(directive) })
  }
  return port
}

function startWorker(): Worker {
  try {
    // Bundlers look for this very expression.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  } catch (cause) {
    throw new UserError('worker', `a translator's worker could not be started: ${cause}; ${REMEDY}`, { cause })
  }
}

function reason(directive: string | undefined): string {
  if (directive)
    return `the page's Content-Security-Policy forbids it (${directive}): allow worker-src 'self', or ${REMEDY}`
  // Not as a URL, of which bundlers would make a file.
  return `worker.js beside ${import.meta.url} cannot be loaded: if your bundler left it out, give createWorker, or ${REMEDY}`
}

/** Records the directive of a policy that is violated until it is stopped. */
function watchPolicy(): { readonly directive?: string; stop(): void } {
  const name = 'securitypolicyviolation'
  const listen = ({ effectiveDirective }: SecurityPolicyViolationEvent) => {
    watch.directive ??= effectiveDirective
  }
  const watch = {
    directive: undefined as string | undefined,
    stop: () => globalThis.removeEventListener?.(name, listen as EventListener),
  }
  globalThis.addEventListener?.(name, listen as EventListener)
  return watch
}
