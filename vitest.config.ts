import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`./packages/${path}/index.ts`, import.meta.url))

// Tests read the sources, so that no build can be stale; the command-line tests alone start the built program.
export default defineConfig({
  resolve: {
    alias: {
      '@espalier/engine': source('engine/src'),
      '@espalier/runtime/packed': source('runtime/src/packed'),
      '@espalier/runtime': source('runtime/src'),
    },
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
  },
})
