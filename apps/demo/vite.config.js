import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/**
 * The page starts translators from its own script of workers (src/workers/start.ts). The script that the runtime would start is left
 * out, so that nobody fetches the runtime twice.
 */
const withoutOwnWorker = {
  name: 'without-own-worker',
  load: (/** @type {string} */ id) =>
    /runtime[/\\]dist[/\\]workers[/\\]web-worker\.js$/u.test(id)
      ? "export const createWebWorker = () => { throw new Error('no worker is given') }"
      : undefined,
}

/**
 * Subjects of the package 'espalier' have functions for Node beside those for pages; what is not used is left out, and with it the
 * Node modules that Vite warns of. test/live.test.ts looks that nothing of Node is left.
 * @type {NonNullable<import('vite').Rollup.InputOptions['onLog']>}
 */
const quietAboutNode = (level, log, handle) => {
  if (!log.message.includes('externalized for browser compatibility')) handle(level, log)
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Addresses are relative, so that the folder works wherever it is put.
  base: './',
  plugins: [withoutOwnWorker],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { onLog: quietAboutNode },
  },
  worker: { format: 'es', rolldownOptions: { onLog: quietAboutNode } },
})
