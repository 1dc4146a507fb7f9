/**
 * The script of all workers of the page: its name says what a worker is for. One script, so that what several need is
 * fetched once; what only some visitors need is fetched when they do.
 */

import { serveModels } from './model-worker.ts'
import { serveTranslations } from './translator-worker.ts'

// What every visitor needs is one file, which compresses better than its parts.
const roles: Readonly<Record<string, () => unknown>> = {
  translator: serveTranslations,
  models: serveModels,
  // For measurements on several threads.
  thread: () => import('@espalier/runtime/worker'),
  training: () => import('./training-worker.ts'),
}

/** The types of a page have another `name`. */
const { name = '' } = globalThis as { name?: string }

Promise.resolve(roles[name]()).catch((error: unknown) => {
  // Out of the promise: the page hears of errors, but not of rejections.
  setTimeout(() => {
    throw error
  })
})
