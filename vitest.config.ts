import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`./packages/${path}`, import.meta.url))

// Tests read the sources, so that no build can be stale; the command-line tests alone start the built program.
export default defineConfig({
  resolve: {
    alias: {
      '@espalier/engine/random': source('engine/src/random.ts'),
      '@espalier/engine': source('engine/src/index.ts'),
      '@espalier/runtime/packed': source('runtime/src/packed/index.ts'),
      // Its threads start a file, which has to be JavaScript.
      '@espalier/runtime/node': source('runtime/dist/node/index.js'),
      '@espalier/runtime/architectures': source('runtime/src/architectures/index.ts'),
      '@espalier/runtime': source('runtime/src/index.ts'),
      '@espalier/phrasebook': source('phrasebook/src/index.ts'),
    },
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reporter: ['text-summary', 'html'] },
  },
})
