/** What went wrong with the visitor's model, in a sentence. */
import { WorkerFailure } from '../workers/messages.ts'

const MEMORY = /memory|allocat/iu

export function failureSentence(error: unknown): string {
  const { message } = error as Error
  const code = error instanceof WorkerFailure ? error.code : undefined
  if (code === 'worker-died' && message.includes('fetch'))
    return 'The part of the page that does this could not be fetched: is the server still running?'
  if (code === 'out-of-memory' || MEMORY.test(message))
    return 'This browser has too little memory left for that. Close other tabs, or load the page again; translating goes on.'
  if (code === 'no-webassembly' || /WebAssembly/u.test(message))
    return 'This browser cannot retrain: it has no WebAssembly with SIMD. Chrome and Edge have it from version 91 on, Firefox from 89, Safari from 16.4.'
  if (code === 'diverged') return 'Training diverged: the loss is no number any more. Move the slider to begin anew.'
  return `It did not work: ${message}`
}
