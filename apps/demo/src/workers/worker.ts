/**
 * The script of all workers of the page: its name says what a worker is for, and what that takes is fetched then. One script, so
 * that what several need is fetched once.
 */

const roles: Readonly<Record<string, () => Promise<unknown>>> = {
  translator: () => import('./translator-worker.ts'),
  // For measurements on several threads.
  thread: () => import('@espalier/runtime/worker'),
  models: () => import('./model-worker.ts'),
  training: () => import('./training-worker.ts'),
}

// The types of a page have another `name`.
roles[(globalThis as { name?: string }).name ?? '']().catch((error: unknown) => {
  // Out of the promise: the page hears of errors, but not of rejections.
  setTimeout(() => {
    throw error
  })
})
